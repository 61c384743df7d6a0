//! What stands in each picture of a film: what never moves is drawn once, the rest on a copy of it.

use super::canvas::{Canvas, Colour, mix, width};
use super::{Film, Scene};

/// Top and bottom of the background, and the colour of what moves; muted, as the product's dark theme is.
const PALETTES: [(Colour, Colour, Colour); 6] = [
    ([0x1c, 0x3d, 0x5a], [0x10, 0x22, 0x35], [0x93, 0xab, 0xff]),
    ([0x1f, 0x44, 0x3a], [0x11, 0x27, 0x21], [0x76, 0xd3, 0xa3]),
    ([0x42, 0x30, 0x50], [0x26, 0x1b, 0x30], [0xd5, 0xb3, 0xf0]),
    ([0x51, 0x3a, 0x24], [0x2e, 0x20, 0x14], [0xf1, 0xbd, 0x62]),
    ([0x2e, 0x3a, 0x63], [0x19, 0x20, 0x39], [0xa6, 0xba, 0xff]),
    ([0x4d, 0x2c, 0x36], [0x2c, 0x18, 0x1e], [0xff, 0xa8, 0xae]),
];
const INK: Colour = [0xee, 0xee, 0xf1];
const INK_2: Colour = [0xb8, 0xb8, 0xc4];
const STAGE: Colour = [0x0f, 0x0f, 0x12];

/// A film on its way through time.
pub struct Stage<'a> {
    film: &'a Film,
    still: Canvas,
    /// Pixels for one of a picture that is 720 high.
    scale: f32,
    colours: (Colour, Colour, Colour),
}

impl<'a> Stage<'a> {
    /// Draws what never moves.
    pub fn new(film: &'a Film) -> Self {
        let colours = PALETTES[film.palette % PALETTES.len()];
        let scale = film.size.1 as f32 / 720.0;
        let mut stage = Self { film, still: Canvas::new(film.size, colours.0, colours.1), scale, colours };
        let (title, about) = (stage.fitting(&film.title, 44.0), stage.fitting(&film.about, 21.0));
        let (first, second) = (stage.at(74.0, 120.0), stage.at(74.0, 170.0));
        stage.still.text(first, title, 0.5, &film.title, INK);
        stage.still.text(second, about, 0.42, &film.about, INK_2);
        if let Scene::Chart { values, target, unit } = &film.scene {
            stage.axes(values, *target, unit);
        }
        stage.face();
        stage
    }

    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (x * self.scale, y * self.scale)
    }

    /// The height of capitals at which a line fits into the picture.
    fn fitting(&self, text: &str, wanted: f32) -> f32 {
        let room = self.film.size.0 as f32 - 148.0 * self.scale;
        let wanted = wanted * self.scale;
        wanted * (room / width(text, wanted).max(1.0)).min(1.0)
    }

    /// The picture at a moment, in seconds.
    pub fn picture(&self, second: f32) -> Canvas {
        let mut canvas = self.still.clone();
        let part = (second / (self.film.seconds as f32 * 0.8).max(0.1)).clamp(0.0, 1.0);
        match &self.film.scene {
            Scene::Chart { values, target, unit } => self.chart(&mut canvas, values, *target, unit, part),
            Scene::List(lines) => self.list(&mut canvas, lines, part),
        }
        self.voice(&mut canvas, second);
        canvas
    }

    /// The circle with two letters, where a face would be.
    fn face(&mut self) {
        let (centre, radius) = (self.at(196.0, 534.0), 118.0 * self.scale);
        let (top, _, accent) = self.colours;
        self.still.disc(centre, radius, mix(top, INK, 0.16), 1.0);
        self.still.ring(centre, radius, 2.5 * self.scale, accent, 0.9);
        let capital = 74.0 * self.scale;
        let left = centre.0 - (width(&self.film.initials, capital) - 1.4 * capital / 7.0) / 2.0;
        self.still.text((left, centre.1 + capital / 2.0), capital, 0.55, &self.film.initials, INK);
    }

    /// A ring around the face that moves as a voice would.
    fn voice(&self, canvas: &mut Canvas, second: f32) {
        let voice = (second * 5.1).sin() * 0.5 + (second * 2.3).sin() * 0.35 + (second * 9.7).sin() * 0.15;
        let pen = (4.0 + 5.0 * (0.35 + 0.3 * voice)) * self.scale;
        let centre = self.at(196.0, 534.0);
        canvas.ring(centre, 121.0 * self.scale + pen, pen, self.colours.2, 0.18);
    }

    /// Where a value of a chart lies: its number may be a fraction.
    fn place(&self, values: &[f64], target: f64, (n, value): (f32, f64)) -> (f32, f32) {
        let all = values.iter().copied().chain([target]);
        let (low, high) = all.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        let part = ((value - low) / (high - low).max(1e-9)) as f32;
        let last = values.len().saturating_sub(1).max(1) as f32;
        self.at(410.0 + 680.0 * n / last, 560.0 - 290.0 * part)
    }

    fn axes(&mut self, values: &[f64], target: f64, unit: &str) {
        let pen = 1.5 * self.scale;
        for n in 0..4 {
            let y = 270.0 + 290.0 * f32::from(n as u8) / 3.0;
            let (from, to) = (self.at(410.0, y), self.at(1090.0, y));
            self.still.line(from, to, pen, INK, 0.10);
        }
        let (_, y) = self.place(values, target, (0.0, target));
        for n in 0..34 {
            let x = 410.0 + 20.0 * n as f32;
            let (from, to) = ((x * self.scale, y), ((x + 9.0) * self.scale, y));
            self.still.line(from, to, pen, INK_2, 0.8);
        }
        let label = (1106.0 * self.scale, y + 7.0 * self.scale);
        self.still.text(label, 17.0 * self.scale, 0.42, &number(target, unit), INK_2);
    }

    fn chart(&self, canvas: &mut Canvas, values: &[f64], target: f64, unit: &str, part: f32) {
        let reach = part * values.len().saturating_sub(1) as f32;
        let (whole, accent, pen) = (reach.floor() as usize, self.colours.2, 4.5 * self.scale);
        let mut from = self.place(values, target, (0.0, values[0]));
        for (n, value) in values.iter().enumerate().take(whole + 1).skip(1) {
            let to = self.place(values, target, (n as f32, *value));
            canvas.line(from, to, pen, accent, 1.0);
            from = to;
        }
        let (last, next) = (values[whole], values.get(whole + 1).copied().unwrap_or(values[whole]));
        let value = last + (next - last) * f64::from(reach - reach.floor());
        let end = self.place(values, target, (reach, value));
        canvas.line(from, end, pen, accent, 1.0);
        canvas.disc(end, 11.0 * self.scale, STAGE, 1.0);
        canvas.disc(end, 8.0 * self.scale, accent, 1.0);
        let label = (end.0 - 14.0 * self.scale, end.1 - 28.0 * self.scale);
        canvas.text(label, 26.0 * self.scale, 0.5, &number(value, unit), INK);
    }

    fn list(&self, canvas: &mut Canvas, lines: &[String], part: f32) {
        let each = 1.0 / lines.len().max(1) as f32;
        for (n, line) in lines.iter().enumerate() {
            // Each arrives in a fifth of its time, fading in and rising a little.
            let shown = ((part - n as f32 * each) / (each * 0.2)).clamp(0.0, 1.0);
            let y = 270.0 + 84.0 * n as f32 + 10.0 * (1.0 - shown);
            if shown > 0.0 {
                let colour = mix(mix(self.colours.0, self.colours.1, y / 720.0), INK, shown);
                let capital = 27.0 * self.scale;
                canvas.disc(self.at(420.0, y - 13.0), 8.0 * self.scale, self.colours.2, shown);
                canvas.text(self.at(452.0, y), capital, 0.45, line, colour);
            }
        }
    }
}

/// A number with its unit, with a decimal only where it is small.
fn number(value: f64, unit: &str) -> String {
    let text =
        if value.abs() < 10.0 && value.fract().abs() > 0.05 { format!("{value:.1}") } else { format!("{value:.0}") };
    match unit {
        "" => text,
        "%" => format!("{text}%"),
        unit => format!("{text} {unit}"),
    }
}
