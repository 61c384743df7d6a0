//! The binary: parse the command and hand over.

fn main() -> std::process::ExitCode {
    twotake::cli::main()
}
