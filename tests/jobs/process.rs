//! Nodes as processes, which can be killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::harness::{Client, Server};

/// A node as an operator starts it; killed when dropped.
pub struct Node {
    process: Child,
    pub base: String,
    pub dir: tempfile::TempDir,
}

impl Node {
    pub fn start(server: &Server) -> Node {
        Self::with(server, &[])
    }

    /// With more flags; `--workers` is 2 unless they say otherwise, and there is no second pass.
    pub fn with(server: &Server, flags: &[&str]) -> Node {
        Self::on(server.database_url(), server.store_url(), flags)
    }

    /// With one of this machine's cores to itself, counted from 0, as far as there are so many: so that two nodes are two machines.
    pub fn with_core(server: &Server, flags: &[&str], core: usize) -> Node {
        let last = std::thread::available_parallelism().unwrap().get() - 1;
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", &core.min(last).to_string(), env!("CARGO_BIN_EXE_twotake")]);
        Self::run(command, server.database_url(), server.store_url(), flags)
    }

    /// On that database and that store.
    pub fn on(database: &str, store: &str, flags: &[&str]) -> Node {
        Self::run(Command::new(env!("CARGO_BIN_EXE_twotake")), database, store, flags)
    }

    fn run(mut command: Command, database: &str, store: &str, flags: &[&str]) -> Node {
        let dir = tempfile::tempdir().unwrap();
        let mut process = command
            .args(["serve", "--listen", "127.0.0.1:0", "--second-pass", "false", "--data"])
            .arg(dir.path())
            .args(if flags.contains(&"--workers") { &[][..] } else { &["--workers", "2"] })
            .args(["--database", database, "--store", store])
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut said = lines.map_while(Result::ok);
        let base = said
            .find_map(|line| line.strip_prefix("listening on ").map(str::to_owned))
            .expect("it says where it listens");
        // What it says later is read and thrown away, so that it never waits for a reader.
        std::thread::spawn(move || said.for_each(drop));
        Node { process, base, dir }
    }

    pub fn client(&self, person: &Client) -> Client {
        Client::new(&self.base, person.token.clone())
    }

    /// Processes at work in its data folder: its media children.
    pub fn children(&self) -> usize {
        working_in(self.dir.path())
    }

    pub fn id(&self) -> i32 {
        self.process.id().cast_signed()
    }

    pub fn wait(&mut self) -> std::process::ExitStatus {
        self.process.wait().unwrap()
    }

    /// SIGKILL, and the end of the process seen.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn working_in(dir: &Path) -> usize {
    at_work_in(dir).len()
}

/// The ids of the processes that work below this folder.
pub fn at_work_in(dir: &Path) -> Vec<i32> {
    let dir = dir.canonicalize().unwrap();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter(|entry| std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(&dir)))
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}
