//! The child locks itself in before it sees the first byte: limits of the kernel, no new privileges, Landlock down to the work
//! folder, and a list of the system calls that decoding and encoding need. Each layer stands on its own; where a kernel lacks
//! one, the others still hold, and with neither Landlock nor the list of calls the work is refused unless that was allowed.
//!
//! Two filters, for a filter of this kind knows one answer only: the first tells glibc that `clone3` does not exist (its flags
//! lie in memory, where no filter can see them), the second ends the process at any call that is not on the list.

use std::collections::BTreeMap;
use std::fmt;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope,
};
use nix::sys::resource::{Resource, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};
use serde::{Deserialize, Serialize};

use super::child::Task;
use super::ffi;

/// Files the child may hold open at once.
const OPEN_FILES: u64 = 64;

/// One layer of the confinement, and whether it holds here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Layer {
    /// `limits`, `landlock`, `system calls`
    pub name: String,
    /// Whether it holds.
    pub active: bool,
    /// What it does here, or why it does not.
    pub detail: String,
}

impl Layer {
    fn new(name: &str, tried: Result<String, String>) -> Self {
        let (active, detail) = match tried {
            Ok(detail) => (true, detail),
            Err(detail) => (false, detail),
        };
        Self { name: name.to_owned(), active, detail }
    }
}

/// Locks this process in, with the current folder as its work folder. To be called while there is one thread.
pub fn lock(task: &Task) -> Vec<Layer> {
    vec![
        Layer::new("limits", limits(task).map_err(text)),
        Layer::new("landlock", files().map_err(text)),
        Layer::new("system calls", calls().map_err(text)),
    ]
}

/// Whether anything stands between the child and the rest of the machine.
#[must_use]
pub fn holds(layers: &[Layer]) -> bool {
    layers.iter().any(|layer| layer.active && layer.name != "limits")
}

fn text(e: impl fmt::Display) -> String {
    e.to_string()
}

/// The number of processes is not limited here: the kernel counts every thread of the same user, the server's too. The list of
/// calls knows no way to start a process.
fn limits(task: &Task) -> Result<String, nix::Error> {
    ffi::close_on_signal();
    let all = [
        (Resource::RLIMIT_AS, task.memory_bytes),
        (Resource::RLIMIT_CPU, task.cpu_seconds),
        (Resource::RLIMIT_FSIZE, task.file_bytes),
        (Resource::RLIMIT_NOFILE, OPEN_FILES),
        (Resource::RLIMIT_CORE, 0),
    ];
    for (resource, most) in all {
        setrlimit(resource, most, most)?;
    }
    Ok(format!("{} MB of memory, {} s of CPU", task.memory_bytes >> 20, task.cpu_seconds))
}

/// Everything that Landlock knows is forbidden, but plain files in the work folder.
fn files() -> Result<String, Box<dyn std::error::Error>> {
    let abi = ABI::V6;
    let allowed = AccessFs::ReadFile
        | AccessFs::WriteFile
        | AccessFs::MakeReg
        | AccessFs::RemoveFile
        | AccessFs::Truncate
        | AccessFs::ReadDir;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .add_rule(PathBeneath::new(PathFd::new(".")?, allowed))?
        .restrict_self()?;
    match status.ruleset {
        RulesetStatus::FullyEnforced => Ok("files, network and signals".into()),
        RulesetStatus::PartiallyEnforced => Ok("as much as this kernel knows of it".into()),
        RulesetStatus::NotEnforced => {
            Err("this kernel has no Landlock (Linux 5.13 and later, `lsm=landlock,…`)".into())
        }
    }
}

fn calls() -> Result<String, Box<dyn std::error::Error>> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let no_clone3 = SeccompFilter::new(
        BTreeMap::from([(libc::SYS_clone3, Vec::new())]),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS.unsigned_abs()),
        arch,
    )?;
    let listed = SeccompFilter::new(allowed()?, SeccompAction::KillProcess, SeccompAction::Allow, arch)?;
    for filter in [no_clone3, listed] {
        seccompiler::apply_filter(&BpfProgram::try_from(filter)?)?;
    }
    Ok(format!("{} calls are left", PLAIN.len() + PLAIN_HERE.len() + 8))
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Calls that are allowed whatever they are called with.
const PLAIN: &[i64] = &[
    // reading and writing what is open
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_ftruncate,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_fcntl,
    libc::SYS_ioctl,
    // files, which Landlock keeps to the work folder
    libc::SYS_openat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_unlinkat,
    // memory
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    // threads
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_rseq,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigreturn,
    libc::SYS_restart_syscall,
    libc::SYS_tgkill,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // time and chance
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    // how much memory there is: glibc asks before it sorts
    libc::SYS_sysinfo,
];

/// The same under the names that only older machines have.
#[cfg(target_arch = "x86_64")]
const PLAIN_HERE: &[i64] = &[libc::SYS_rename, libc::SYS_unlink, libc::SYS_poll];
#[cfg(not(target_arch = "x86_64"))]
const PLAIN_HERE: &[i64] = &[libc::SYS_ppoll];

fn allowed() -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = PLAIN.iter().chain(PLAIN_HERE).map(|call| (*call, Vec::new())).collect();
    // The strictest answer of both filters counts, so what the first one answers must not be fatal in the second.
    rules.insert(libc::SYS_clone3, Vec::new());
    let bits = |argument, mask: i32, value: i32| {
        let (mask, value) = (u64::from(mask.unsigned_abs()), u64::from(value.unsigned_abs()));
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(mask), value)
    };
    let is = |argument, value: u64| SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value);
    let mut all = |call, conditions| -> Result<(), seccompiler::BackendError> {
        rules.entry(call).or_default().push(SeccompRule::new(conditions)?);
        Ok(())
    };
    // A thread gives way to others: that thread alone, and to no other place.
    let aside = u64::from(ffi::priority::ASIDE.unsigned_abs());
    all(libc::SYS_setpriority, vec![is(0, u64::from(libc::PRIO_PROCESS))?, is(1, 0)?, is(2, aside)?])?;
    let mut when = |call, condition| all(call, vec![condition]);
    // No memory becomes code.
    when(libc::SYS_mmap, bits(2, libc::PROT_EXEC, 0)?)?;
    when(libc::SYS_mprotect, bits(2, libc::PROT_EXEC, 0)?)?;
    // Threads, but no processes.
    when(libc::SYS_clone, bits(0, libc::CLONE_THREAD, libc::CLONE_THREAD)?)?;
    // Sizes of what is open, but not of any path: Landlock does not look at these two.
    when(libc::SYS_newfstatat, bits(3, libc::AT_EMPTY_PATH, libc::AT_EMPTY_PATH)?)?;
    when(libc::SYS_statx, bits(2, libc::AT_EMPTY_PATH, libc::AT_EMPTY_PATH)?)?;
    // Names of threads and of memory.
    when(libc::SYS_prctl, is(0, libc::PR_SET_NAME.unsigned_abs().into())?)?;
    when(libc::SYS_prctl, is(0, libc::PR_SET_VMA.unsigned_abs().into())?)?;
    // Limits are read, never set.
    when(libc::SYS_prlimit64, is(2, 0)?)?;
    Ok(rules)
}
