//! Colours beyond an ordinary screen (HLG, PQ, BT.2020) are brought to it by a table: what zscale and tonemap make of each of
//! 65 × 65 × 65 colours, asked once, and between them a blend. The same chain over every pixel costs several times as much, too
//! much to keep step with a camera.
//!
//! Invariant: the table depends on the kind of colours alone, so an attempt that goes on after another one shows the same colours.

use super::colour;
use super::ffi::{Colours, Deep, Frame, Graph};
use super::plan::{self, Tone};
use super::trouble::Trouble;

/// Colours along each side of the table: one for each 16 steps of ten bits, and the one at the end.
const SIDE: usize = 65;
/// Bits between two of them.
const BITS: u32 = 4;
/// Steps between two of them.
const STEP: u32 = 1 << BITS;
/// The largest number of ten bits.
const MOST: u16 = 1023;
/// The weights of eight neighbours together, and from sixteen bits down to eight.
const SHIFT: u32 = 3 * BITS + 8;

/// What becomes of each colour.
pub struct Table {
    /// Brightness; neighbours lie side by side in brightness, then in Cr, then in Cb.
    luma: Vec<u16>,
    /// Both colour differences, in the same order.
    chroma: Vec<[u16; 2]>,
}

/// The place of a pair of colour differences in the table, and how much each of its four neighbours weighs.
struct Corners {
    places: [usize; 4],
    weights: [u32; 4],
}

impl Table {
    /// Asks the filters.
    ///
    /// # Errors
    /// When they are not there or answer otherwise than they were asked.
    pub fn ask(tone: Tone) -> Result<Self, Trouble> {
        let trouble = || Trouble::Failed("the filters answered no table of colours".into());
        // Each row has one Cb; along it Cr rises slowly and brightness fast.
        let node = |index: usize| u16::try_from((index * (STEP as usize)) << 6).unwrap_or(u16::MAX);
        let all = Frame::deep(SIDE * SIDE, SIDE, |plane, x, y| match plane {
            0 => node(x % SIDE),
            1 => node(y),
            _ => node(x / SIDE),
        });
        let mut all = all.ok_or_else(trouble)?;
        all.set_colours(colour::beyond(tone));
        let mut graph = Graph::video(all.shape(), &plan::mapping(tone))?;
        graph.send(Some(&all))?;
        let mut mapped = Frame::default();
        if !graph.receive(&mut mapped)? {
            return Err(trouble());
        }
        let planes = [0, 1, 2].map(|plane| mapped.deep_plane(plane).filter(|plane| plane.width == SIDE * SIDE));
        let [Some(luma), Some(cb), Some(cr)] = planes else { return Err(trouble()) };
        let rows = |plane: &Deep<'_>| -> Vec<u16> {
            plane.data.chunks(plane.stride).flat_map(|row| &row[..SIDE * SIDE]).copied().collect()
        };
        let (luma, cb, cr) = (rows(&luma), rows(&cb), rows(&cr));
        let chroma = cb.into_iter().zip(cr).map(|(cb, cr)| [cb, cr]).collect::<Vec<_>>();
        if luma.len() == SIDE * SIDE * SIDE && chroma.len() == luma.len() {
            Ok(Self { luma, chroma })
        } else {
            Err(trouble())
        }
    }

    /// Ten bits of 4:2:0 in, eight bits out, in ordinary colours.
    ///
    /// # Errors
    /// When the picture has another form.
    pub fn picture(&self, picture: &Frame) -> Result<Frame, Trouble> {
        let trouble = || Trouble::Failed("a picture has not the form that the table of colours takes".into());
        let planes = [0, 1, 2].map(|plane| picture.deep_plane(plane));
        let [Some(luma), Some(cb), Some(cr)] = planes else { return Err(trouble()) };
        let shape = picture.shape();
        let mut out = Frame::canvas(shape.width, shape.height).ok_or_else(trouble)?;
        {
            let mut to = out.planes_mut().ok_or_else(trouble)?;
            for row in 0..cb.height {
                let (below, cb, cr) = ((2 * row + 1).min(luma.height - 1), cb.row(row), cr.row(row));
                let [light, blue, red] = &mut to;
                let (first, second) = light.rows(2 * row, below);
                self.rows([luma.row(2 * row), luma.row(below), cb, cr], [first, second, blue.row(row), red.row(row)]);
            }
        }
        out.set_colours(Colours::ordinary());
        Ok(out)
    }

    /// Two rows of brightness, and the one of colour differences that belongs to them. This runs for every pixel, and is written
    /// for a compiler that does not think: loops by number, no calls but its own.
    fn rows(&self, from: [&[u16]; 4], to: [&mut [u8]; 4]) {
        let [upper, lower, cb, cr] = from;
        let [light, dark, blue, red] = to;
        let (width, last, mut x) = (cb.len(), upper.len() - 1, 0);
        while x < width {
            let corners = Corners::of(cb[x] & MOST, cr[x] & MOST);
            let (near, far) = (2 * x, if 2 * x < last { 2 * x + 1 } else { last });
            let four = [upper[near] & MOST, upper[far] & MOST, lower[near] & MOST, lower[far] & MOST];
            light[near] = self.light(&corners, four[0]);
            light[far] = self.light(&corners, four[1]);
            if !dark.is_empty() {
                dark[near] = self.light(&corners, four[2]);
                dark[far] = self.light(&corners, four[3]);
            }
            [blue[x], red[x]] = self.difference(&corners, (four[0] + four[1] + four[2] + four[3]) / 4);
            x += 1;
        }
    }

    fn light(&self, corners: &Corners, luma: u16) -> u8 {
        let (at, far) = ((luma >> BITS) as usize, luma as u32 & (STEP - 1));
        let (near, mut sum, mut n) = (STEP - far, 1_u32 << (SHIFT - 1), 0);
        while n < 4 {
            let place = corners.places[n] + at;
            sum += corners.weights[n] * (self.luma[place] as u32 * near + self.luma[place + 1] as u32 * far);
            n += 1;
        }
        narrow(sum)
    }

    fn difference(&self, corners: &Corners, luma: u16) -> [u8; 2] {
        let (at, far) = ((luma >> BITS) as usize, luma as u32 & (STEP - 1));
        let (near, mut blue, mut n) = (STEP - far, 1_u32 << (SHIFT - 1), 0);
        let mut red = blue;
        while n < 4 {
            let place = corners.places[n] + at;
            let (one, other, weight) = (self.chroma[place], self.chroma[place + 1], corners.weights[n]);
            blue += weight * (one[0] as u32 * near + other[0] as u32 * far);
            red += weight * (one[1] as u32 * near + other[1] as u32 * far);
            n += 1;
        }
        [narrow(blue), narrow(red)]
    }
}

/// From the sum of eight weighted neighbours to eight bits.
fn narrow(sum: u32) -> u8 {
    let value = sum >> SHIFT;
    if value > 255 { 255 } else { value as u8 }
}

impl Corners {
    fn of(cb: u16, cr: u16) -> Self {
        let (b, far_b) = ((cb >> BITS) as usize, cb as u32 & (STEP - 1));
        let (r, far_r) = ((cr >> BITS) as usize, cr as u32 & (STEP - 1));
        let (near_b, near_r) = (STEP - far_b, STEP - far_r);
        let place = (b * SIDE + r) * SIDE;
        let next = place + SIDE * SIDE;
        Self {
            places: [place, place + SIDE, next, next + SIDE],
            weights: [near_b * near_r, near_b * far_r, far_b * near_r, far_b * far_r],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::ffi::has_filter;

    /// A table that changes nothing.
    fn unchanged() -> Table {
        let node = |index: usize| u16::try_from((index * STEP as usize) << 6).unwrap_or(u16::MAX);
        let all = (0..SIDE * SIDE * SIDE).map(|n| (n % SIDE, n / SIDE % SIDE, n / SIDE / SIDE));
        let (luma, chroma) = all.map(|(y, r, b)| (node(y), [node(b), node(r)])).unzip();
        Table { luma, chroma }
    }

    #[test]
    fn between_two_colours_of_the_table_lies_their_blend() {
        let table = unchanged();
        for value in 0..1024_u16 {
            let corners = Corners::of(1023 - value, value);
            let near = |got: u8, of: u16| (i32::from(got) * 4 - i32::from(of)).abs() <= 3;
            assert!(near(table.light(&corners, value), value), "{value}");
            let [b, r] = table.difference(&corners, value);
            assert!(near(b, 1023 - value) && near(r, value), "{value}: {b} {r}");
        }
    }

    #[test]
    fn the_table_says_what_the_filters_say() {
        if !has_filter("zscale") || !has_filter("tonemap") {
            return;
        }
        // Smooth in all three, as recordings are, in the colours and up to the brightness that they have.
        let wave = |at: usize, of: f64, around: f64, by: f64| ((around + by * (at as f64 / of).sin()) * 64.0) as u16;
        let smooth = Frame::deep(320, 180, |plane, x, y| match plane {
            0 => wave(x + y, 37.0, 380.0, 280.0),
            1 => wave(x, 61.0, 512.0, 50.0),
            _ => wave(y, 43.0, 512.0, 50.0),
        });
        for tone in [Tone::Hlg, Tone::Pq, Tone::Wide] {
            let mut smooth = smooth.as_ref().unwrap().share();
            smooth.set_colours(colour::beyond(tone));
            let through = |frame: &Frame, chain: &str| {
                let (mut graph, mut out) = (Graph::video(frame.shape(), chain).unwrap(), Frame::default());
                graph.send(Some(frame)).unwrap();
                assert!(graph.receive(&mut out).unwrap());
                out
            };
            let ten = through(&smooth, "format=yuv420p10le");
            let ours = Table::ask(tone).unwrap().picture(&ten).unwrap();
            let theirs = through(&ten, &format!("{},format=yuv420p", plan::mapping(tone)));
            let (ours, theirs) = (ours.luma().unwrap(), theirs.luma().unwrap());
            let rows = |plane: &crate::media::ffi::Plane<'_>| -> Vec<u8> {
                plane.data.chunks(plane.stride).flat_map(|row| &row[..320]).copied().collect()
            };
            let (ours, theirs) = (rows(&ours), rows(&theirs));
            let squares: f64 = ours.iter().zip(&theirs).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
            let psnr = 10.0 * (255.0 * 255.0 / (squares / ours.len() as f64)).log10();
            println!("{tone:?}: {psnr:.1} dB");
            assert!(psnr >= 38.0, "{tone:?}: {psnr}");
        }
    }

    #[test]
    fn grey_stays_grey_and_white_is_not_lost() {
        if !has_filter("zscale") || !has_filter("tonemap") {
            return;
        }
        for tone in [Tone::Hlg, Tone::Pq, Tone::Wide] {
            let table = Table::ask(tone).unwrap();
            let grey = Corners::of(512, 512);
            let lights: Vec<u8> = (64..=940).map(|luma| table.light(&grey, luma)).collect();
            assert!(lights.windows(2).all(|pair| pair[0] <= pair[1]), "{tone:?}: brightness rises");
            assert!(lights[0].abs_diff(16) <= 1 && lights[876] >= 225, "{tone:?}: {} to {}", lights[0], lights[876]);
            for luma in [64, 400, 700, 940] {
                let [b, r] = table.difference(&grey, luma);
                assert!(b.abs_diff(128) <= 1 && r.abs_diff(128) <= 1, "{tone:?} {luma}: {b} {r}");
            }
        }
    }
}
