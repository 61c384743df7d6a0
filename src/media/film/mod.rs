//! Short films drawn by the program itself: a title, a face of two letters, and a line that grows or lines that appear. Made
//! for the sample organisation, so that a newcomer sees real renditions; not a recorder, and nothing from outside comes in here.
//!
//! Invariant: a film is an ordinary MP4 (H.264, AAC) that goes the way of every upload; nothing downstream knows that it was drawn.

mod canvas;
mod encode;
mod font;
mod scene;

pub use encode::render;

/// What a film shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Film {
    /// Its title.
    pub title: String,
    /// A line under the title: who, and of what.
    pub about: String,
    /// Two letters in the circle at the lower left, where a face would be.
    pub initials: String,
    /// Which of the backgrounds; any number does.
    pub palette: usize,
    /// What moves.
    pub scene: Scene,
    /// How long it runs.
    pub seconds: u32,
    /// Width and height in pixels, both even.
    pub size: (u32, u32),
}

/// What moves in a film.
#[derive(Clone, Debug, PartialEq)]
pub enum Scene {
    /// A number over time, with the value that it is to reach.
    Chart {
        /// The values, oldest first; at least two.
        values: Vec<f64>,
        /// What it is to reach.
        target: f64,
        /// Of what: "min", "%".
        unit: String,
    },
    /// Lines that appear one after the other.
    List(Vec<String>),
}
