//! A queue of packets on their way to a decoder. It never makes the container wait: what is more than fits into memory lies in a
//! work file until its turn comes. So the container is walked as its bytes arrive, whatever the encoders do: a recording that is
//! too long is found out early, and how far the encoders lag behind the arrival is known.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ffi::Packet;
use super::trouble::Trouble;

/// What waits in memory at most, in bytes, in each queue.
const MOST: usize = 16 << 20;

/// What is taken out: a packet, or a word that was said between packets.
pub enum Next<C> {
    /// A packet of the source.
    Packet(Packet),
    /// A word.
    Word(C),
}

enum Waiting<C> {
    Here(Packet),
    Away { stripped: Packet, place: u64, size: usize },
    Word(C),
}

#[derive(Default)]
struct Load {
    in_memory: usize,
    in_file: u64,
    end: u64,
    file: Option<Arc<File>>,
}

struct Shared {
    load: Mutex<Load>,
    path: PathBuf,
}

impl Shared {
    fn hold(&self) -> MutexGuard<'_, Load> {
        self.load.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The writing end.
pub struct To<C> {
    way: Sender<Waiting<C>>,
    shared: Arc<Shared>,
    most: usize,
}

/// The reading end.
pub struct From<C> {
    way: Receiver<Waiting<C>>,
    shared: Arc<Shared>,
}

/// A queue whose work file, should it be needed, lies in that folder.
#[must_use]
pub fn queue<C>(folder: &Path, name: &str) -> (To<C>, From<C>) {
    bounded(folder, name, MOST)
}

fn bounded<C>(folder: &Path, name: &str, most: usize) -> (To<C>, From<C>) {
    let (to, from) = channel();
    let path = folder.join(format!("{name}.spool"));
    let shared = Arc::new(Shared { load: Mutex::default(), path });
    (To { way: to, shared: shared.clone(), most }, From { way: from, shared })
}

impl<C> To<C> {
    /// Puts a packet in, without ever waiting.
    ///
    /// # Errors
    /// When the reading end has gone, or the disk does not take what memory does not hold.
    pub fn send(&self, packet: Packet) -> Result<(), Trouble> {
        let size = packet.data().len();
        let mut load = self.shared.hold();
        let waiting = if load.in_memory + size <= self.most {
            load.in_memory += size;
            Waiting::Here(packet)
        } else {
            let place = load.put(&self.shared.path, packet.data())?;
            Waiting::Away { stripped: packet.stripped()?, place, size }
        };
        drop(load);
        self.way.send(waiting).map_err(|_| Trouble::Cancelled)
    }

    /// Says a word, in its order among the packets.
    ///
    /// # Errors
    /// When the reading end has gone.
    pub fn say(&self, word: C) -> Result<(), Trouble> {
        self.way.send(Waiting::Word(word)).map_err(|_| Trouble::Cancelled)
    }
}

impl Load {
    /// Appends to the file; its place is used again from the beginning whenever nothing lies in it.
    fn put(&mut self, path: &Path, bytes: &[u8]) -> io::Result<u64> {
        let file = match &self.file {
            Some(file) => file,
            None => {
                let file = File::options().read(true).write(true).create(true).truncate(true).open(path)?;
                // The open file is all that is needed; the name would only be in the way of what is left for others.
                std::fs::remove_file(path)?;
                self.file.insert(Arc::new(file))
            }
        };
        if self.in_file == 0 {
            self.end = 0;
        }
        file.write_all_at(bytes, self.end)?;
        let place = self.end;
        self.end += bytes.len() as u64;
        self.in_file += bytes.len() as u64;
        Ok(place)
    }
}

impl<C> From<C> {
    /// Takes the next out; none when nothing more will come.
    ///
    /// # Errors
    /// When the work file cannot be read.
    pub fn next(&self) -> Result<Option<Next<C>>, Trouble> {
        match self.way.recv() {
            Err(_) => Ok(None),
            Ok(Waiting::Word(word)) => Ok(Some(Next::Word(word))),
            Ok(Waiting::Here(packet)) => {
                self.shared.hold().in_memory -= packet.data().len();
                Ok(Some(Next::Packet(packet)))
            }
            Ok(Waiting::Away { mut stripped, place, size }) => {
                let file = self.shared.hold().file.clone();
                let file = file.ok_or_else(|| Trouble::Failed("the work file is gone".into()))?;
                file.read_exact_at(stripped.room(size)?, place)?;
                self.shared.hold().in_file -= size as u64;
                Ok(Some(Next::Packet(stripped)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(size: usize, value: u8, at: i64) -> Packet {
        let mut packet = Packet::default();
        packet.room(size).unwrap().fill(value);
        packet.set_times(at, 1);
        packet
    }

    #[test]
    fn what_memory_does_not_hold_comes_back_from_the_file_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let (to, from) = bounded(folder.path(), "test", 100);
        for round in 0..3 {
            for n in 0..20_u8 {
                to.send(packet(30, n, i64::from(n))).unwrap();
            }
            to.say(round).unwrap();
            for n in 0..20_u8 {
                let Ok(Some(Next::Packet(got))) = from.next() else { panic!("a packet") };
                assert_eq!((got.data(), got.pts()), ([n; 30].as_slice(), Some(i64::from(n))));
            }
            assert!(matches!(from.next(), Ok(Some(Next::Word(word))) if word == round));
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
        let load = to.shared.hold();
        assert_eq!((load.in_memory, load.in_file), (0, 0));
        assert!(load.end <= 17 * 30, "the place is used again");
    }

    #[test]
    fn a_queue_without_a_reader_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let (to, from) = queue::<()>(folder.path(), "test");
        drop(from);
        assert!(to.send(packet(1, 1, 0)).is_err());
    }
}
