//! docs/configuration.md, written from the settings themselves.

use std::fmt::Write as _;

use clap::Args as _;

use super::Args;

/// The table of settings as Markdown: flag, environment, key in the file, meaning with its default.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(
        "# Settings\n\nGenerated from the program (`make docs`); do not edit. Flags come first, then the environment, then the settings file,\n\
         then the default.\n\n| flag | environment | key in twotake.toml | what it does |\n| --- | --- | --- | --- |\n",
    );
    let command = Args::augment_args(clap::Command::new("serve"));
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
        let (Some(long), Some(help)) = (arg.get_long(), arg.get_help()) else { continue };
        let env = arg.get_env().map(|e| format!("`{}`", e.to_string_lossy())).unwrap_or_default();
        let key = if long == "config" { String::new() } else { format!("`{}`", arg.get_id()) };
        let _ = writeln!(out, "| `--{long}` | {env} | {key} | {} |", help.to_string().replace('|', "\\|"));
    }
    out
}
