//! A picture in red, green and blue to draw on with a round, soft-edged pen, and its way into the planes of a video frame.
//!
//! Invariant: what lies outside the picture is left out; no drawing can fail.

use super::font::{self, Stroke};
use crate::media::ffi::{Colours, Frame};

/// A colour: red, green, blue.
pub type Colour = [u8; 3];

/// A picture.
#[derive(Clone)]
pub struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Colour>,
}

impl Canvas {
    /// A picture that goes from one colour at its top to another at its bottom.
    pub fn new((width, height): (u32, u32), top: Colour, bottom: Colour) -> Self {
        let (width, height) = (width as usize, height as usize);
        let row = |y: usize| mix(top, bottom, y as f32 / height.max(1) as f32);
        let pixels = (0..height).flat_map(|y| std::iter::repeat_n(row(y), width)).collect();
        Self { width, height, pixels }
    }

    /// Draws whatever lies nearer than `radius` to something whose distance from each pixel is told, within a box.
    fn ink(&mut self, bounds: [f32; 4], colour: Colour, alpha: f32, depth: impl Fn(f32, f32) -> f32) {
        let within = |value: f32, most: usize| (value.max(0.0) as usize).min(most);
        let (left, top) = (within(bounds[0].floor(), self.width), within(bounds[1].floor(), self.height));
        let (right, bottom) = (within(bounds[2].ceil() + 1.0, self.width), within(bounds[3].ceil() + 1.0, self.height));
        for y in top..bottom {
            for x in left..right {
                let covered = (depth(x as f32 + 0.5, y as f32 + 0.5) + 0.5).clamp(0.0, 1.0) * alpha;
                if covered > 0.0 {
                    let pixel = &mut self.pixels[y * self.width + x];
                    *pixel = mix(*pixel, colour, covered);
                }
            }
        }
    }

    /// A filled circle.
    pub fn disc(&mut self, (x, y): (f32, f32), radius: f32, colour: Colour, alpha: f32) {
        let bounds = [x - radius - 1.0, y - radius - 1.0, x + radius + 1.0, y + radius + 1.0];
        self.ink(bounds, colour, alpha, |px, py| radius - (px - x).hypot(py - y));
    }

    /// A circle's line.
    pub fn ring(&mut self, (x, y): (f32, f32), radius: f32, pen: f32, colour: Colour, alpha: f32) {
        let out = radius + pen + 1.0;
        let bounds = [x - out, y - out, x + out, y + out];
        self.ink(bounds, colour, alpha, |px, py| pen - ((px - x).hypot(py - y) - radius).abs());
    }

    /// A line with round ends.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), pen: f32, colour: Colour, alpha: f32) {
        let out = pen + 1.0;
        let bounds = [from.0.min(to.0) - out, from.1.min(to.1) - out, from.0.max(to.0) + out, from.1.max(to.1) + out];
        let way = (to.0 - from.0, to.1 - from.1);
        let square = way.0 * way.0 + way.1 * way.1;
        self.ink(bounds, colour, alpha, |px, py| {
            let (dx, dy) = (px - from.0, py - from.1);
            let along = if square > 0.0 { ((dx * way.0 + dy * way.1) / square).clamp(0.0, 1.0) } else { 0.0 };
            pen - (dx - way.0 * along).hypot(dy - way.1 * along)
        });
    }

    /// A line of text from the left end of its baseline; `capital` is the height of a capital in pixels.
    pub fn text(&mut self, at: (f32, f32), capital: f32, bold: f32, text: &str, colour: Colour) {
        let (unit, mut x) = (capital / 7.0, at.0);
        let pen = unit * bold;
        for letter in text.chars() {
            for stroke in font::strokes(letter) {
                self.stroke(stroke, (x, at.1), unit, pen, colour);
            }
            x += font::advance(letter) * unit;
        }
    }

    fn stroke(&mut self, stroke: Stroke, (x, y): (f32, f32), unit: f32, pen: f32, colour: Colour) {
        let place = |gx: f32, gy: f32| (x + gx * unit, y - gy * unit);
        match stroke {
            Stroke::Line([x0, y0, x1, y1]) => self.line(place(x0, y0), place(x1, y1), pen, colour, 1.0),
            Stroke::Arc([cx, cy, rx, ry, from, to]) => {
                let steps = ((to - from).abs() / 12.0).ceil().max(1.0) as usize;
                let point = |n: usize| {
                    let angle = (from + (to - from) * n as f32 / steps as f32).to_radians();
                    place(cx + rx * angle.cos(), cy + ry * angle.sin())
                };
                for n in 0..steps {
                    self.line(point(n), point(n + 1), pen, colour, 1.0);
                }
            }
        }
    }

    /// The picture as a video frame.
    pub fn frame(&self) -> Option<Frame> {
        let mut frame = Frame::canvas(i32::try_from(self.width).ok()?, i32::try_from(self.height).ok()?)?;
        let [mut luma, mut blue, mut red] = frame.planes_mut()?;
        for (y, row) in self.pixels.chunks_exact(self.width).enumerate() {
            for (to, [r, g, b]) in luma.row(y).iter_mut().zip(row) {
                // BT.709, 16 to 235, in 1/65536.
                let sum = 11_966 * u32::from(*r) + 40_254 * u32::from(*g) + 4_064 * u32::from(*b);
                *to = u8::try_from(16 + ((sum + 32_768) >> 16)).unwrap_or(235);
            }
            if y % 2 == 0 {
                let (blue, red) = (blue.row(y / 2), red.row(y / 2));
                for (x, [r, g, b]) in row.iter().step_by(2).enumerate() {
                    let (r, g, b) = (i32::from(*r), i32::from(*g), i32::from(*b));
                    let chroma = |sum: i32| u8::try_from(128 + ((sum + 32_768) >> 16)).unwrap_or(128);
                    blue[x] = chroma(-6_596 * r - 22_189 * g + 28_784 * b);
                    red[x] = chroma(28_784 * r - 26_145 * g - 2_639 * b);
                }
            }
        }
        frame.set_colours(Colours::ordinary());
        Some(frame)
    }
}

/// How wide a line of text is.
pub fn width(text: &str, capital: f32) -> f32 {
    text.chars().map(font::advance).sum::<f32>() * capital / 7.0
}

/// A colour between two.
pub fn mix(from: Colour, to: Colour, part: f32) -> Colour {
    std::array::from_fn(|n| {
        let (from, to) = (f32::from(from[n]), f32::from(to[n]));
        (from + (to - from) * part).round().clamp(0.0, 255.0) as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_leaves_ink_where_it_stands_and_nowhere_else() {
        let mut canvas = Canvas::new((120, 40), [0; 3], [0; 3]);
        canvas.text((10.0, 30.0), 20.0, 0.5, "Hi", [255; 3]);
        let lit = |x: usize, y: usize| canvas.pixels[y * 120 + x][0] > 200;
        assert!(lit(10, 20), "the stem of the H");
        assert!(!lit(15, 13) && !lit(60, 20), "beside it");
        let mut off = Canvas::new((10, 10), [0; 3], [0; 3]);
        off.text((-300.0, 900.0), 80.0, 0.5, "beyond every edge", [255; 3]);
        assert!(off.pixels.iter().all(|pixel| *pixel == [0; 3]));
    }

    #[test]
    fn black_and_white_keep_to_the_limits_of_video() {
        let luma = |colour: Colour| {
            let frame = Canvas::new((4, 4), colour, colour).frame().unwrap();
            frame.luma().unwrap().data[0]
        };
        assert_eq!((luma([0; 3]), luma([255; 3])), (16, 235));
    }
}
