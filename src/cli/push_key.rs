//! `twotake push-key`: a new key that wakes browsers. It is printed and kept nowhere; every node is given the same one.

use std::process::ExitCode;

use crate::notify::push;

/// Runs `twotake push-key`.
pub fn run() -> super::Outcome {
    println!("{}", push::new_key()?);
    eprintln!(
        "Set it as TWOTAKE_PUSH_KEY (or push_key in twotake.toml) on every node. With another key, people subscribe anew."
    );
    Ok(ExitCode::SUCCESS)
}
