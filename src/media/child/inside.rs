//! The process boundary seen from inside the child: read the task, lock the door, do the work, say what happens.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use super::super::board::Board;
use super::super::intake::Intake;
use super::super::{ffi, sandbox, transcode};
use super::layers::trial;
use super::{Line, Outcome, Task, failed, warm};

/// Runs the child: `argument` is the [`Task`] as JSON and the work folder is the current one, or both are waited for. The recording
/// comes on standard input, and the lines go to standard output.
pub fn main(argument: &str) -> ExitCode {
    if let Some(done) = trial(argument) {
        return done;
    }
    ffi::quiet();
    let task = if argument == warm::WAIT {
        warm::receive().transpose()
    } else {
        Some(serde_json::from_str::<Task>(argument).map_err(|e| e.to_string()))
    };
    let outcome = match task {
        None => return ExitCode::SUCCESS,
        Some(Ok(task)) => work(&task),
        Some(Err(e)) => failed(format!("the task cannot be read: {e}")),
    };
    match say(&Line::Outcome(outcome)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn work(task: &Task) -> Outcome {
    if task.lowest {
        // Before any thread begins: they all follow.
        ffi::priority::lower();
    } else if task.part.is_some() {
        // A recording that is being made must not feel that somebody helps with a file.
        ffi::priority::step_aside();
    }
    let layers = sandbox::lock(task);
    if !sandbox::holds(&layers) && !task.allow_unconfined {
        let why: Vec<&str> = layers.iter().map(|layer| layer.detail.as_str()).collect();
        return failed(format!("this machine offers no confinement: {}", why.join("; ")));
    }
    let (intake, impatience) = Intake::start(io::stdin());
    let board = Board::new(Path::new("."), Box::new(|event| say(&Line::Event(event.clone()))));
    if task.fine {
        board.pace.take_time();
    }
    board.pace.begin_with(task.begin);
    if task.file {
        board.pace.is_a_file();
    }
    match transcode::run(&board, task, intake, &impatience) {
        Ok(result) => Outcome::Done(result),
        Err(trouble) => trouble.into(),
    }
}

fn say(line: &Line) -> io::Result<()> {
    let mut text = serde_json::to_vec(line).map_err(io::Error::other)?;
    text.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&text)?;
    out.flush()
}
