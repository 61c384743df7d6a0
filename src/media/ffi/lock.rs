//! The few system calls of the confinement that have no safe form elsewhere.

/// Makes writing beyond the file size limit an error code instead of a signal.
pub fn close_on_signal() {
    // SAFETY: sets how one signal is taken; no handler of ours runs.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}
