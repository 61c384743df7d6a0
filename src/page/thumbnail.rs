//! A recording's still picture in the size another program asked for, on request with play mark and length. The poster is
//! our own encoder's work, so it is read here and not in the media child.
//!
//! Invariant: the picture sent has exactly the size its address says.

use std::io::Cursor;

use actix_web::web;
use futures_util::TryStreamExt;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat};
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::app::App;
use crate::error::{Code, Problem};
use crate::recording::access::{self, Access};
use crate::recording::bytes::File;

use super::mark;

/// Largest side that is made.
const LARGEST: u32 = 1920;
/// Pictures made at once: each takes a core for some milliseconds.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Which picture.
#[derive(Clone, Debug, Deserialize)]
pub struct Wanted {
    width: u32,
    height: u32,
    /// The length to draw beside the play mark, as "2:41"; none without it.
    play: Option<String>,
}

/// The address' query for a picture of that size.
#[must_use]
pub fn query(size: (u32, u32), play: Option<&str>) -> String {
    let play = play.map(|length| format!("&play={length}")).unwrap_or_default();
    format!("?width={}&height={}{play}", size.0, size.1)
}

/// The picture for a recording that may be watched.
///
/// # Errors
/// No poster yet; a size that is not the picture's shape; the store's.
pub async fn picture(app: &App, access: &Access, wanted: Wanted) -> Result<Vec<u8>, Problem> {
    let length = wanted.play.as_deref().unwrap_or("0:00");
    let plain = length.len() <= 8 && length.bytes().all(|b| b.is_ascii_digit() || b == b':');
    if !plain || wanted.width.max(wanted.height) > LARGEST || wanted.width.min(wanted.height) == 0 {
        return Err(Problem::new(Code::BadRequest, "Ask for a size of at most 1920 pixels and a length as 2:41."));
    }
    let recording = access.recording.id;
    let (take, attempt) = access::sql::shown(&app.db, recording).await?.ok_or_else(Problem::not_found)?;
    let key = File { recording, take, attempt, name: "poster.jpg".into() }.key();
    let _one_of_few = AT_ONCE.acquire().await.map_err(Problem::internal)?;
    let poster = app.store.get(&key, None).await.map_err(|_| Problem::not_found())?;
    let bytes: Vec<bytes::Bytes> = poster.body.try_collect().await.map_err(Problem::internal)?;
    web::block(move || draw(&bytes.concat(), &wanted)).await.map_err(Problem::internal)?
}

fn draw(poster: &[u8], wanted: &Wanted) -> Result<Vec<u8>, Problem> {
    let poster = image::load_from_memory_with_format(poster, ImageFormat::Jpeg).map_err(Problem::internal)?;
    let (own, asked) = (shape(poster.width(), poster.height()), shape(wanted.width, wanted.height));
    // A pixel of rounding in a small picture, but no stretching.
    if (own / asked - 1.0).abs() > 0.02 + 1.0 / f64::from(wanted.width.min(wanted.height)) {
        return Err(Problem::new(Code::BadRequest, "That is not the shape of this picture."));
    }
    let mut picture = poster.resize_exact(wanted.width, wanted.height, FilterType::Triangle).into_rgb8();
    if let Some(length) = &wanted.play {
        mark::draw(&mut picture, length);
    }
    let mut out = Cursor::new(Vec::new());
    DynamicImage::from(picture)
        .write_with_encoder(JpegEncoder::new_with_quality(&mut out, 82))
        .map_err(Problem::internal)?;
    Ok(out.into_inner())
}

fn shape(width: u32, height: u32) -> f64 {
    f64::from(width) / f64::from(height.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poster(width: u32, height: u32) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height).write_with_encoder(JpegEncoder::new(&mut out)).unwrap();
        out.into_inner()
    }

    #[test]
    fn a_picture_has_the_size_that_was_asked_for() {
        for (width, height, play) in [(640, 360, None), (33, 18, None), (1920, 1080, Some("2:41".to_owned()))] {
            let made = draw(&poster(1280, 720), &Wanted { width, height, play }).unwrap();
            let made = image::load_from_memory(&made).unwrap();
            assert_eq!((made.width(), made.height()), (width, height));
        }
    }

    #[test]
    fn a_picture_is_not_stretched() {
        assert!(draw(&poster(1280, 720), &Wanted { width: 640, height: 640, play: None }).is_err());
        assert!(draw(b"not a picture", &Wanted { width: 640, height: 360, play: None }).is_err());
    }
}
