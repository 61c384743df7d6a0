//! What stands between a hostile video and this machine, as a trial child found it.

use super::Check;
use crate::config::Config;
use crate::media;

/// What stands between a hostile video and this machine, as a trial child found it.
pub(super) fn check(config: &Config) -> Check {
    const NAME: &str = "confinement";
    let binary = config.child_binary.clone().map_or_else(std::env::current_exe, Ok);
    let layers = binary.map_err(|e| e.to_string()).and_then(|binary| media::child::layers(&binary));
    let layers = match layers {
        Ok(layers) => layers,
        Err(cause) => return Check::fail(NAME, cause, "the media child must be able to start: see docs/operations.md"),
    };
    let told: Vec<String> = layers
        .iter()
        .map(|layer| format!("{} {}", layer.name, if layer.active { "holds" } else { layer.detail.as_str() }))
        .collect();
    let told = told.join("; ");
    if layers.iter().all(|layer| layer.active) {
        return Check::ok(NAME, told);
    }
    match media::sandbox::holds(&layers) {
        true => Check::warn(NAME, told, "the other layers still hold; a kernel of 5.13 or newer offers all of them"),
        false if config.allow_unconfined => {
            Check::warn(NAME, told, "media work runs unconfined, as the settings allow")
        }
        false => Check::fail(
            NAME,
            told,
            "take a kernel with Landlock or seccomp (not switched off by the container), or accept the risk with --allow-unconfined true",
        ),
    }
}
