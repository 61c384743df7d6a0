//! The pill with play mark and length, drawn onto a poster for programs that show a picture in place of a player. Shapes by
//! their distance to a stroke, so that edges are smooth at every size; no font is needed for eleven signs.

use image::RgbImage;

/// A stroke: a line, or part of an ellipse (angles in degrees, clockwise, 0 to the right), in a box one high.
enum Stroke {
    Line([f32; 4]),
    Arc { centre: [f32; 2], radius: [f32; 2], from: f32, to: f32 },
}
use Stroke::Line;

const fn arc(centre: [f32; 2], radius: [f32; 2], from: f32, to: f32) -> Stroke {
    Stroke::Arc { centre, radius, from, to }
}

/// Width of a sign in units of its height.
fn advance(sign: char) -> f32 {
    match sign {
        ':' => 0.2,
        '1' => 0.36,
        _ => 0.6,
    }
}

fn strokes(sign: char) -> Vec<Stroke> {
    match sign {
        '0' => vec![arc([0.3, 0.5], [0.3, 0.5], 0.0, 360.0)],
        '1' => vec![Line([0.04, 0.2, 0.3, 0.0]), Line([0.3, 0.0, 0.3, 1.0])],
        '2' => vec![
            arc([0.3, 0.28], [0.28, 0.28], 180.0, 400.0),
            Line([0.514, 0.46, 0.02, 1.0]),
            Line([0.02, 1.0, 0.6, 1.0]),
        ],
        '3' => vec![arc([0.3, 0.26], [0.27, 0.26], 195.0, 450.0), arc([0.3, 0.75], [0.3, 0.25], 270.0, 525.0)],
        '4' => vec![Line([0.44, 1.0, 0.44, 0.0]), Line([0.44, 0.0, 0.0, 0.7]), Line([0.0, 0.7, 0.62, 0.7])],
        '5' => vec![
            Line([0.55, 0.0, 0.1, 0.0]),
            Line([0.1, 0.0, 0.07, 0.45]),
            arc([0.28, 0.68], [0.3, 0.32], 225.0, 500.0),
        ],
        '6' => vec![arc([0.3, 0.68], [0.3, 0.32], 0.0, 360.0), Line([0.03, 0.6, 0.42, 0.0])],
        '7' => vec![Line([0.0, 0.0, 0.6, 0.0]), Line([0.6, 0.0, 0.2, 1.0])],
        '8' => vec![arc([0.3, 0.25], [0.25, 0.25], 0.0, 360.0), arc([0.3, 0.75], [0.3, 0.25], 0.0, 360.0)],
        '9' => vec![arc([0.3, 0.32], [0.3, 0.32], 0.0, 360.0), Line([0.57, 0.4, 0.18, 1.0])],
        ':' => vec![Line([0.1, 0.3, 0.1, 0.3]), Line([0.1, 0.82, 0.1, 0.82])],
        _ => Vec::new(),
    }
}

/// Straight pieces of a stroke, placed and scaled.
fn pieces(stroke: &Stroke, at: [f32; 2], size: f32) -> Vec<[f32; 4]> {
    let place = |[x, y]: [f32; 2]| [at[0] + x * size, at[1] + y * size];
    let join = |a: [f32; 2], b: [f32; 2]| [a[0], a[1], b[0], b[1]];
    match stroke {
        Line([x0, y0, x1, y1]) => vec![join(place([*x0, *y0]), place([*x1, *y1]))],
        Stroke::Arc { centre, radius, from, to } => {
            let point = |n: i16| {
                let angle = (from + (to - from) * f32::from(n) / 24.0).to_radians();
                place([centre[0] + radius[0] * angle.cos(), centre[1] + radius[1] * angle.sin()])
            };
            (0..24).map(|n| join(point(n), point(n + 1))).collect()
        }
    }
}

fn to_piece([x0, y0, x1, y1]: [f32; 4], x: f32, y: f32) -> f32 {
    let (dx, dy) = (x1 - x0, y1 - y0);
    let along = (((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy).max(1e-6)).clamp(0.0, 1.0);
    (x - x0 - along * dx).hypot(y - y0 - along * dy)
}

/// Distance to a rounded box, negative inside.
fn to_box([left, top, right, bottom]: [f32; 4], radius: f32, x: f32, y: f32) -> f32 {
    let dx = (left + radius - x).max(x - right + radius);
    let dy = (top + radius - y).max(y - bottom + radius);
    dx.max(0.0).hypot(dy.max(0.0)) + dx.max(dy).min(0.0) - radius
}

fn blend(picture: &mut RgbImage, x: u32, y: u32, colour: [u8; 3], alpha: f32) {
    let pixel = picture.get_pixel_mut(x, y);
    for (under, over) in pixel.0.iter_mut().zip(colour) {
        let mixed = f32::from(*under) * (1.0 - alpha) + f32::from(over) * alpha;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mix of two bytes is a byte")]
        {
            *under = mixed.round() as u8;
        }
    }
}

/// Draws the pill with this length at the lower right.
#[expect(clippy::cast_precision_loss, reason = "sizes of pictures are far below 2^24")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped into the picture first")]
pub fn draw(picture: &mut RgbImage, length: &str) {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let unit = width.min(height) / 11.0;
    let (digits, gap) = (unit * 0.4, unit * 0.14);
    let words: f32 = length.chars().map(|sign| advance(sign) * digits + gap).sum::<f32>() - gap;
    let (margin, pad, mark) = (unit * 0.35, unit * 0.42, unit * 0.42);
    let body = [
        width - margin - words - mark - unit * 0.3 - 2.0 * pad,
        height - margin - unit,
        width - margin,
        height - margin,
    ];
    let middle = (body[1] + body[3]) / 2.0;
    // The mark: a triangle with round corners, drawn as its three sides and what they enclose.
    let (left, top) = (body[0] + pad, middle - mark / 2.0);
    let corners = [[left, top], [left, top + mark], [left + mark * 0.86, middle]];
    let mut pen = body[0] + pad + mark + unit * 0.3;
    let mut lines = Vec::new();
    for sign in length.chars() {
        lines.extend(strokes(sign).iter().flat_map(|stroke| pieces(stroke, [pen, middle - digits / 2.0], digits)));
        pen += advance(sign) * digits + gap;
    }
    let edge = |a: [f32; 2], b: [f32; 2], x: f32, y: f32| (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);
    for y in body[1].max(0.0) as u32..picture.height() {
        for x in body[0].max(0.0) as u32..picture.width() {
            let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
            let cover = |distance: f32| (0.5 - distance).clamp(0.0, 1.0);
            let inside = cover(to_box(body, unit / 2.0, px, py));
            if inside <= 0.0 {
                continue;
            }
            blend(picture, x, y, [10, 10, 14], inside * 0.82);
            let [a, b, c] = corners;
            let filled = edge(a, b, px, py) <= 0.0 && edge(b, c, px, py) <= 0.0 && edge(c, a, px, py) <= 0.0;
            let sides = [[a, b], [b, c], [c, a]].map(|[p, q]| to_piece([p[0], p[1], q[0], q[1]], px, py));
            let triangle = if filled { 1.0 } else { cover(sides.into_iter().fold(f32::MAX, f32::min) - unit * 0.04) };
            let near = lines.iter().map(|piece| to_piece(*piece, px, py)).fold(f32::MAX, f32::min);
            blend(picture, x, y, [255, 255, 255], triangle.max(cover(near - unit * 0.035)));
        }
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn the_pill_stands_at_the_lower_right_and_nowhere_else() {
        let mut picture = RgbImage::from_pixel(640, 360, Rgb([200, 0, 0]));
        draw(&mut picture, "2:41");
        assert_eq!(picture.get_pixel(320, 180).0, [200, 0, 0]);
        assert_eq!(picture.get_pixel(10, 350).0, [200, 0, 0]);
        let whites = picture.enumerate_pixels().filter(|(_, _, p)| p.0 == [255, 255, 255]);
        assert!(whites.clone().count() > 100 && whites.clone().all(|(x, y, _)| x > 480 && y > 300));
    }

    #[test]
    fn every_sign_of_a_length_can_be_drawn_on_any_picture() {
        assert!("0123456789:".chars().all(|sign| !strokes(sign).is_empty()));
        for (width, height) in [(1, 1), (16, 9), (90, 1600)] {
            draw(&mut RgbImage::new(width, height), "0:12:34:56:78:9");
        }
    }
}
