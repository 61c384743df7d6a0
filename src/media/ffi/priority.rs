//! Lower places in the kernel's order of who may compute: behind all others for work that nobody waits for, behind the ordinary for
//! work that only helps.

/// From here on this thread, and every thread it begins, computes only when no other wants to, and reads and writes after all
/// others (the kernel takes the class of input and output from that of computing). What the kernel does not grant stays as it is.
pub fn lower() {
    // SAFETY: both calls take numbers, and a structure that lives until they have returned; 0 means the calling thread.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 19);
        let mut param: libc::sched_param = std::mem::zeroed();
        param.sched_priority = 0;
        libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const param);
    }
}

/// How nice a thread is that stepped aside.
pub const ASIDE: i32 = 10;

/// From here on this thread, and every thread it begins, gets a small share while ordinary work wants to compute, and all of the
/// machine while none does.
pub fn step_aside() {
    // SAFETY: takes numbers; 0 means the calling thread.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, ASIDE);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_thread_that_was_lowered_runs_only_when_nothing_else_does() {
        let policy = std::thread::spawn(|| {
            super::lower();
            // SAFETY: takes a number, 0 for the calling thread.
            unsafe { libc::sched_getscheduler(0) }
        });
        assert_eq!(policy.join().unwrap(), libc::SCHED_IDLE);
    }

    #[test]
    fn a_thread_that_stepped_aside_has_a_small_share() {
        let nice = std::thread::spawn(|| {
            super::step_aside();
            // SAFETY: takes numbers; 0 means the calling thread.
            unsafe { (libc::getpriority(libc::PRIO_PROCESS, 0), libc::sched_getscheduler(0)) }
        });
        assert_eq!(nice.join().unwrap(), (10, libc::SCHED_OTHER));
    }
}
