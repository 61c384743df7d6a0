//! F16: files with bits turned, parts cut, doubled, emptied, or put in from another file; by seed.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::answer::answer;
use crate::source::{all, written};

const BYTES: usize = 4;

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().map_or(otherwise, |word| word.parse().unwrap_or_else(|_| panic!("{name}={word}")))
}

/// Spoils a file; the same seed spoils it in the same way.
fn spoilt(rng: &mut StdRng, sources: &[(&'static str, Vec<u8>)]) -> (String, Vec<u8>) {
    let (name, whole) = sources.choose(rng).unwrap();
    let mut bytes = whole.clone();
    let mut how = Vec::new();
    for _ in 0..rng.random_range(1..=3) {
        how.push(spoil(rng, &mut bytes, sources));
    }
    (format!("{}-{name}", how.join("-")), bytes)
}

fn spoil(rng: &mut StdRng, bytes: &mut Vec<u8>, sources: &[(&'static str, Vec<u8>)]) -> &'static str {
    if bytes.len() < 2 * BYTES {
        return "nothing";
    }
    // Most of what matters stands near one of the ends.
    let near = |rng: &mut StdRng, bytes: &[u8]| match rng.random_range(0..3) {
        0 => rng.random_range(0..bytes.len().min(2000) - BYTES),
        1 => bytes.len() - BYTES - rng.random_range(0..bytes.len().min(2000) - BYTES),
        _ => rng.random_range(0..bytes.len() - BYTES),
    };
    let at = near(rng, bytes);
    let end = (at + rng.random_range(1..5000)).min(bytes.len());
    match rng.random_range(0..7) {
        0 => {
            for _ in 0..rng.random_range(1..20) {
                let at = near(rng, bytes);
                bytes[at] ^= 1 << rng.random_range(0..8);
            }
            "flip"
        }
        1 => {
            bytes.truncate(at);
            "cut"
        }
        2 => {
            let piece = bytes[at..end].to_vec();
            bytes.splice(at..at, piece);
            "double"
        }
        3 => {
            bytes[at..end].fill(0);
            "empty"
        }
        4 => {
            bytes.drain(at..end);
            "lose"
        }
        5 => {
            let other = &sources.choose(rng).unwrap().1;
            let from = rng.random_range(0..other.len());
            bytes.splice(at..end, other[from..(from + end - at).min(other.len())].iter().copied());
            "splice"
        }
        _ => {
            let number = *[0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX, 0x0100_0000].choose(rng).unwrap();
            bytes[at..at + BYTES].copy_from_slice(&u32::to_be_bytes(number));
            "number"
        }
    }
}

/// The environment: `TWOTAKE_HOSTILE_COUNT` files from seed `TWOTAKE_HOSTILE_SEED` on.
#[test]
fn f16_a_spoilt_file_is_answered_with_a_word_within_bounds() {
    let (count, seed) = (number("TWOTAKE_HOSTILE_COUNT", 60), number("TWOTAKE_HOSTILE_SEED", 1));
    let folder = tempfile::tempdir().unwrap();
    let sources = all(&folder);
    let next = AtomicUsize::new(0);
    let words: Mutex<BTreeMap<String, usize>> = Mutex::default();
    let (wrong, most): (Mutex<Vec<String>>, Mutex<(u128, i64)>) = Default::default();
    let lane = || {
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= count {
                return;
            }
            let (name, bytes) = spoilt(&mut StdRng::seed_from_u64((seed + n) as u64), &sources);
            let file = written(&folder, &format!("{}-{name}", seed + n), &bytes);
            match answer(&file) {
                Ok(answer) => {
                    *words.lock().unwrap().entry(answer.word.clone()).or_default() += 1;
                    let mut most = most.lock().unwrap();
                    *most = (most.0.max(answer.cpu.as_millis()), most.1.max(answer.memory));
                    std::fs::remove_file(&file).unwrap();
                }
                Err(how) => wrong.lock().unwrap().push(how),
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(lane);
        }
    });
    let (wrong, most) = (wrong.into_inner().unwrap(), most.into_inner().unwrap());
    let words = words.into_inner().unwrap();
    writeln!(
        std::io::stderr().lock(),
        "\nF16: {count} spoilt files from seed {seed}: {words:?}; at most {} ms of CPU, {} MiB",
        most.0,
        most.1 / 1024
    )
    .unwrap();
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}
