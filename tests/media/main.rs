//! The media work from outside: real recordings and made ones go through the confined child, and what comes out is judged with
//! the `ffmpeg` and `ffprobe` programs, which know nothing of how it was made.

mod bench;
mod confinement;
mod copy;
mod length;
mod live;
mod loudness;
mod outputs;
mod picture;
mod picture_colour;
mod picture_shape;
mod picture_time;
mod refusal;
mod resume;
mod sound;
mod split;
mod sync;
mod verdict;
mod warm;
