//! The house rules that a machine can check: which module may use which, how long a file may be, what every module opens
//! with, and that generated documents are current. docs/architecture.md tells the reasons.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Infrastructure: knows no feature.
const FLOOR: &[&str] = &["clock", "codes", "config", "db", "error", "events", "http", "id", "jobs", "media", "store"];
/// The features, one noun each.
const FEATURES: &[&str] = &[
    "account",
    "admin",
    "channel",
    "checkin",
    "comment",
    "goal",
    "home",
    "notify",
    "org",
    "page",
    "recording",
    "sample",
    "scoreboard",
    "search",
    "upload",
];
/// What puts it together and may see everything: the shared state, the life of a server, the commands, the wiring.
const TOP: &[&str] = &["app", "cli", "lib", "main", "serve", "wiring"];
/// Lines a file may have, tests not counted.
const LONGEST: usize = 400;

#[path = "permission/table.rs"]
mod permissions;

struct Source {
    path: PathBuf,
    /// First path segment under src, without `.rs`.
    module: String,
    text: String,
}

impl Source {
    fn name(&self) -> String {
        self.path.strip_prefix(root()).unwrap_or(&self.path).display().to_string()
    }

    /// The text before the unit tests, which obey fewer rules.
    fn program(&self) -> &str {
        let end = self.text.find("\n#[cfg(test)]\nmod ").unwrap_or(self.text.len());
        &self.text[..end]
    }

    /// The lines of the program with comments taken out.
    fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.program().lines().enumerate().map(|(at, line)| (at + 1, line.split("//").next().unwrap_or("")))
    }

    /// Every `crate::a::b` mentioned: (line, a, b).
    fn uses(&self) -> Vec<(usize, String, String)> {
        let mut found = Vec::new();
        for (at, line) in self.code_lines() {
            for (start, _) in line.match_indices("crate::") {
                let rest = &line[start + "crate::".len()..];
                let mut words =
                    rest.split("::").map(|w| w.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(""));
                let first = words.next().unwrap_or("").to_owned();
                found.push((at, first, words.next().unwrap_or("").to_owned()));
            }
        }
        found
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    files(&src, "rs")
        .into_iter()
        .map(|path| {
            let first = path.strip_prefix(&src).unwrap().components().next().unwrap();
            let module = first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            Source { path, module, text }
        })
        .collect()
}

/// Fails with every complaint at once.
fn nothing_wrong(rule: &str, complaints: &[String]) {
    assert!(complaints.is_empty(), "{rule}\n  {}", complaints.join("\n  "));
}

#[test]
fn every_module_has_its_place_on_the_map() {
    let known: BTreeSet<&str> = FLOOR.iter().chain(FEATURES).chain(TOP).copied().collect();
    let strangers: Vec<String> =
        sources().iter().filter(|s| !known.contains(s.module.as_str())).map(Source::name).collect();
    nothing_wrong("name it in tests/architecture.rs: floor, feature or top", &strangers);
}

#[test]
fn the_floor_knows_no_feature() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|s| FLOOR.contains(&s.module.as_str())) {
        for (line, module, _) in source.uses() {
            if FEATURES.contains(&module.as_str()) {
                wrong.push(format!("{}:{line} uses {module}", source.name()));
            }
        }
    }
    nothing_wrong("infrastructure may not use a feature", &wrong);
}

#[test]
fn features_use_each_others_rules_but_never_their_routes() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|s| FEATURES.contains(&s.module.as_str())) {
        for (line, module, part) in source.uses() {
            if module != source.module && FEATURES.contains(&module.as_str()) && part == "routes" {
                wrong.push(format!("{}:{line} uses {module}::routes", source.name()));
            }
            if module == "wiring" || module == "cli" || module == "serve" {
                wrong.push(format!("{}:{line} uses {module}", source.name()));
            }
        }
    }
    nothing_wrong(
        "a feature may use another's types, rules and SQL, not its routes, and nothing of the top but App",
        &wrong,
    );
}

#[test]
fn only_the_wiring_registers_routes() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|s| s.module != "wiring" && !FEATURES.contains(&s.module.as_str())) {
        for (line, module, part) in source.uses() {
            if FEATURES.contains(&module.as_str()) && part == "routes" {
                wrong.push(format!("{}:{line} uses {module}::routes", source.name()));
            }
        }
    }
    nothing_wrong("wiring.rs alone knows every feature's routes", &wrong);
}

#[test]
fn media_work_knows_nothing_of_http_database_or_store() {
    let outside = ["http", "db", "store", "jobs", "app"];
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|s| s.module == "media") {
        for (line, module, _) in source.uses().into_iter().filter(|(_, m, _)| outside.contains(&m.as_str())) {
            wrong.push(format!("{}:{line} uses {module}", source.name()));
        }
        for word in ["actix_web", "sqlx::", "aws_sdk_s3", "reqwest"] {
            if source.code_lines().any(|(_, line)| line.contains(word)) {
                wrong.push(format!("{} uses {word}", source.name()));
            }
        }
    }
    nothing_wrong("media is pure: bytes in, files and typed events out", &wrong);
}

#[test]
fn unsafe_stands_only_where_libraries_in_c_are_called() {
    let mut wrong = Vec::new();
    for source in sources() {
        let name = source.name();
        if name.starts_with("src/media/ffi") {
            continue;
        }
        for (line, code) in source.code_lines() {
            if code.contains("unsafe {") || code.contains("unsafe fn") || code.contains("unsafe impl") {
                wrong.push(format!("{name}:{line}"));
            }
        }
    }
    nothing_wrong("unsafe belongs in src/media/ffi", &wrong);
}

#[test]
fn sql_stands_in_files_named_for_it() {
    let mut wrong = Vec::new();
    for source in sources() {
        let name = source.name();
        let at_home = name.contains("/sql") || name.starts_with("src/db/");
        if at_home {
            continue;
        }
        for (line, code) in source.code_lines() {
            let calls = ["query(", "query_as(", "query_scalar(", "query_as::<", "query_scalar::<", "query::<"];
            if code.contains("sqlx::") && calls.iter().any(|call| code.contains(&format!("sqlx::{call}"))) {
                wrong.push(format!("{name}:{line}"));
            }
        }
    }
    nothing_wrong("SQL belongs in the feature's sql.rs", &wrong);
}

#[test]
fn no_file_outgrows_its_reader() {
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = source.program().lines().count();
        if lines > LONGEST {
            wrong.push(format!("{} has {lines} lines without its tests", source.name()));
        }
    }
    nothing_wrong(&format!("a file has at most {LONGEST} lines (aim for 300): split it by idea"), &wrong);
}

#[test]
fn every_module_opens_by_saying_what_it_is() {
    let wrong: Vec<String> = sources().iter().filter(|s| !s.text.starts_with("//! ")).map(Source::name).collect();
    nothing_wrong("open with //!: what it is, what it is not, its invariant", &wrong);
}

#[test]
fn nothing_unwraps_outside_tests_and_no_lint_is_silenced() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (line, code) in source.code_lines() {
            for word in [".unwrap()", "#[allow(", "#![allow(", "todo!(", "unimplemented!(", "dbg!("] {
                if code.contains(word) {
                    wrong.push(format!("{}:{line} {word}", source.name()));
                }
            }
        }
    }
    nothing_wrong("expect with a reason, #[expect(lint, reason)], and nothing left unfinished", &wrong);
}

#[test]
fn no_test_is_switched_off() {
    let mut wrong = Vec::new();
    let own = Path::new(file!()).file_name().unwrap();
    for path in files(&root().join("tests"), "rs").into_iter().chain(files(&root().join("src"), "rs")) {
        let text = std::fs::read_to_string(&path).unwrap();
        if path.file_name() != Some(own) && text.contains("#[ignore") {
            wrong.push(path.display().to_string());
        }
    }
    nothing_wrong("a test runs or goes", &wrong);
}

#[test]
fn both_databases_have_the_same_migrations_tables_and_columns() {
    let read = |kind: &str| -> BTreeMap<String, String> {
        let dir = root().join("migrations").join(kind);
        files(&dir, "sql")
            .into_iter()
            .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&p).unwrap()))
            .collect()
    };
    let (sqlite, postgres) = (read("sqlite"), read("postgres"));
    assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>(), "the same numbers and names");
    for (name, text) in &postgres {
        assert_eq!(shape(&sqlite[name]), shape(text), "{name} makes different tables");
    }
}

/// Tables with their columns, indexes, and altered columns, types left out. Text search, which each database does in its own way, is
/// left out: a column of words and indexes on one, a virtual table on the other. So is a table that SQLite makes anew in place of
/// an older one, with its indexes, because it cannot change a check.
fn shape(sql: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut table = None;
    let mut anew = BTreeSet::new();
    let of_search = |line: &&str| line.contains(" tsvector ") || line.contains(" on search_text ");
    for line in sql.lines().map(|l| l.split("--").next().unwrap_or("").trim_end()).filter(|line| !of_search(line)) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["create", "table", name, ..] => table = Some((*name).to_owned()),
            ["alter", "table", next, "rename", "to", name] => {
                found.retain(|known: &String| !known.starts_with(&format!("{next}.")));
                anew.insert(name.trim_end_matches(';').to_owned());
            }
            ["create", "index", _, "on", of, ..] | ["create", "unique", "index", _, "on", of, ..]
                if anew.contains(*of) => {}
            ["create", "index", name, ..] | ["create", "unique", "index", name, ..] => {
                found.insert(format!("index {name}"));
            }
            ["alter", "table", name, "add", "column", column, ..] => {
                found.insert(format!("{name}.{column}"));
            }
            [");"] | [")", "without", "rowid;"] => table = None,
            [column, ..] if line.starts_with("  ") && !line.starts_with("   ") => {
                let constraint = ["primary", "unique", "check", "foreign", "constraint"];
                if let (Some(table), false) = (&table, constraint.contains(column)) {
                    found.insert(format!("{table}.{column}"));
                }
            }
            _ => {}
        }
    }
    found
}

/// Compares a generated document with the file, or writes it when `TWOTAKE_WRITE_DOCS` is set (`make docs`).
fn generated(path: &str, current: &str) {
    let file = root().join(path);
    if std::env::var_os("TWOTAKE_WRITE_DOCS").is_some() {
        std::fs::write(&file, current).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    if kept != current {
        let mut message = format!("{path} is not current: run `make docs`");
        if let Some((at, (old, new))) = kept.lines().zip(current.lines()).enumerate().find(|(_, (a, b))| a != b) {
            let _ = write!(message, "\nfirst difference in line {}:\n- {old}\n+ {new}", at + 1);
        }
        panic!("{message}");
    }
}

#[test]
fn generated_settings_are_current() {
    generated("docs/configuration.md", &twotake::config::table::markdown());
}

#[test]
fn every_dependency_has_its_sentence() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let table: toml::Table = manifest.parse().unwrap();
    let declared: BTreeSet<String> = table["dependencies"].as_table().unwrap().keys().cloned().collect();
    let record = std::fs::read_to_string(root().join("docs/decisions/0002-dependencies.md")).unwrap();
    let explained: BTreeSet<String> = record
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .filter(|name| !["package", "---"].contains(name))
        .map(str::to_owned)
        .collect();
    assert_eq!(declared, explained, "docs/decisions/0002-dependencies.md lists other packages than Cargo.toml");
    let locked = std::fs::read_to_string(root().join("Cargo.lock")).unwrap().matches("\n[[package]]").count();
    assert!(declared.len() <= 50 && locked <= 500, "{} direct and {locked} locked packages", declared.len());
}

#[test]
fn what_is_registered_is_described_once() {
    let wiring = std::fs::read_to_string(root().join("src/wiring.rs")).unwrap();
    let named = |ending: &str| -> Vec<String> {
        wiring
            .lines()
            .filter_map(|line| {
                line.trim().split_once(ending).map(|(path, _)| path.trim_start_matches("document.merge("))
            })
            .map(|path| path.trim_start_matches("crate::").trim_end_matches("::").to_owned())
            .filter(|path| !["http::body", "http::openapi", "http::unknown"].contains(&path.as_str()))
            .collect()
    };
    let (registered, described) = (named("::register(config)"), named("::Api::openapi()"));
    let once: BTreeSet<&String> = registered.iter().collect();
    assert_eq!(once.len(), registered.len(), "registered twice: {registered:?}");
    assert_eq!(once, described.iter().collect(), "in wiring.rs, routes and their description belong together");
}

#[test]
fn generated_interface_is_current() {
    let document = serde_json::to_string_pretty(&twotake::wiring::openapi()).unwrap();
    generated("docs/openapi.json", &format!("{document}\n"));
}

#[test]
fn generated_permissions_are_current() {
    generated("docs/permissions.md", &permissions::markdown());
}
