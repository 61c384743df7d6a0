//! How loud 48 kHz stereo is: integrated loudness of ITU-R BS.1770-4 (the measure of EBU R 128) and true peak, taken in as it comes.
//! Arithmetic on samples; decides nothing.
//!
//! The invariant: the numbers are the same however the sound is cut into pieces.

/// Samples in a tenth of a second: the step between two blocks.
const STEP: usize = 4_800;
/// Steps in a block.
const BLOCK: usize = 4;
/// Blocks quieter than this are silence, in LUFS.
const SILENCE: f64 = -70.0;
/// Blocks this much below the rest do not count, in LU.
const BELOW: f64 = 10.0;
/// Fewer blocks than this (a second or so) say nothing about a recording.
const FEWEST: u32 = 8;
/// Samples that are looked at together for a peak.
const STRETCH: usize = 64;

/// What was measured.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Loudness {
    /// Integrated loudness in LUFS; none when there is less than about a second above silence.
    pub lufs: Option<f64>,
    /// True peak in dB of full scale; none when every sample is 0.
    pub peak_db: Option<f64>,
}

/// The two filters of BS.1770-4 for 48 kHz, one after the other: the head, then low tones left out.
const WEIGHTING: [Section; 2] = [
    Section {
        b: [1.535_124_859_586_97, -2.691_696_189_406_38, 1.198_392_810_852_85],
        a: [-1.690_659_293_182_41, 0.732_480_774_215_85],
    },
    Section { b: [1.0, -2.0, 1.0], a: [-1.990_047_454_833_98, 0.990_072_250_366_21] },
];

struct Section {
    b: [f64; 3],
    a: [f64; 2],
}

impl Section {
    fn run(&self, state: &mut [f64; 2], x: f64) -> f64 {
        let y = self.b[0] * x + state[0];
        state[0] = self.b[1] * x - self.a[0] * y + state[1];
        state[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

/// The measure so far.
#[derive(Default)]
pub struct Meter {
    states: [[[f64; 2]; 2]; 2],
    sum: f64,
    heard: usize,
    steps: Vec<f64>,
    peak: Peak,
}

impl Meter {
    /// Takes in samples of both channels, as many of each.
    pub fn hear(&mut self, left: &[f32], right: &[f32]) {
        self.peak.hear(0, left);
        self.peak.hear(1, right);
        for (left, right) in left.iter().zip(right) {
            for (state, sample) in self.states.iter_mut().zip([*left, *right]) {
                let [first, second] = state;
                let y = WEIGHTING[1].run(second, WEIGHTING[0].run(first, f64::from(sample)));
                self.sum += y * y;
            }
            self.heard += 1;
            if self.heard == STEP {
                self.steps.push(self.sum / STEP as f64);
                (self.sum, self.heard) = (0.0, 0);
            }
        }
    }

    /// The measure of everything that was heard.
    #[must_use]
    pub fn loudness(&self) -> Loudness {
        let peak = f64::from(self.peak.highest);
        Loudness { lufs: integrated(&self.steps), peak_db: (peak > 0.0).then(|| 20.0 * peak.log10()) }
    }
}

/// The gated mean of BS.1770-4 over the powers of tenths of a second.
fn integrated(steps: &[f64]) -> Option<f64> {
    let lufs = |power: f64| 10.0 * power.log10() - 0.691;
    let blocks: Vec<f64> = steps.windows(BLOCK).map(|steps| steps.iter().sum::<f64>() / BLOCK as f64).collect();
    let mean = |gate: f64| {
        let (count, sum) = blocks
            .iter()
            .filter(|power| lufs(**power) > gate)
            .fold((0_u32, 0.0), |(count, sum), power| (count + 1, sum + power));
        (count >= FEWEST).then(|| lufs(sum / f64::from(count)))
    };
    mean(mean(SILENCE)? - BELOW)
}

/// The filter of BS.1770-4, annex 2: a signal between its samples, four points for each. The other two phases are these backwards.
const PHASES: [[f32; TAPS]; 2] = [
    [
        0.001_708_984_4,
        0.010_986_328,
        -0.019_653_32,
        0.033_203_125,
        -0.059_448_242,
        0.137_329_1,
        0.972_167_97,
        -0.102_294_92,
        0.047_607_422,
        -0.026_611_328,
        0.014_892_578,
        -0.008_300_781,
    ],
    [
        -0.029_174_805,
        0.029_296_875,
        -0.051_757_813,
        0.089_111_33,
        -0.166_503_9,
        0.465_087_9,
        0.779_785_16,
        -0.200_317_38,
        0.101_562_5,
        -0.058_227_54,
        0.033_081_055,
        -0.018_920_898,
    ],
];
/// Samples that a point between two samples depends on.
pub const TAPS: usize = 12;
/// No point between samples is further out than the furthest sample around it times this: the filter's sum.
pub const REACH: f32 = 2.03;

/// The furthest point around the sixth and seventh of these samples, between them or on them.
#[must_use]
pub fn between(around: &[f32]) -> f32 {
    let Some(around) = around.first_chunk::<TAPS>() else { return 0.0 };
    let mut points = [0.0_f32; 4];
    for (n, sample) in around.iter().enumerate() {
        points[0] += PHASES[0][n] * sample;
        points[1] += PHASES[1][n] * sample;
        points[2] += PHASES[1][TAPS - 1 - n] * sample;
        points[3] += PHASES[0][TAPS - 1 - n] * sample;
    }
    let furthest = points.iter().fold(0.0_f32, |most, point| most.max(point.abs()));
    furthest.max(around[5].abs()).max(around[6].abs())
}

/// The largest sample of a stretch, whatever its sign.
#[must_use]
pub fn largest(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |most, sample| most.max(sample.abs()))
}

/// True peaks of both channels.
#[derive(Default)]
struct Peak {
    before: [Vec<f32>; 2],
    highest: f32,
}

impl Peak {
    fn hear(&mut self, channel: usize, samples: &[f32]) {
        let mut all = std::mem::take(&mut self.before[channel]);
        all.resize(all.len().max(TAPS - 1), 0.0);
        all.extend_from_slice(samples);
        let points = all.len() + 1 - TAPS;
        for from in (0..points).step_by(STRETCH) {
            let stretch = &all[from..(from + STRETCH + TAPS - 1).min(all.len())];
            // Most stretches cannot hold a new peak, and are not looked at closely.
            if largest(stretch) * REACH > self.highest {
                let furthest = stretch.windows(TAPS).map(between).fold(0.0, f32::max);
                self.highest = self.highest.max(furthest);
            }
        }
        self.before[channel] = all.split_off(points);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f64, phase: f64, size: f64, seconds: f64) -> Vec<f32> {
        let samples = (seconds * 48_000.0) as usize;
        (0..samples)
            .map(|n| ((n as f64 / 48_000.0 * hertz * std::f64::consts::TAU + phase).sin() * size) as f32)
            .collect()
    }

    fn measured(left: &[f32], right: &[f32], piece: usize) -> Loudness {
        let mut meter = Meter::default();
        left.chunks(piece).zip(right.chunks(piece)).for_each(|(left, right)| meter.hear(left, right));
        meter.loudness()
    }

    #[test]
    fn the_tones_of_the_standards_measure_what_they_say() {
        // EBU Tech 3341, case 1: 1000 Hz at −23 dB in both channels is −23 LUFS.
        let sound = tone(1000.0, 0.0, 10f64.powf(-23.0 / 20.0), 20.0);
        let lufs = measured(&sound, &sound, 1024).lufs.unwrap();
        assert!((lufs + 23.0).abs() < 0.1, "{lufs}");
        // Case 3: quiet stretches before and after do not count.
        let parts = [(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)];
        let sound: Vec<f32> =
            parts.iter().flat_map(|(db, seconds)| tone(1000.0, 0.0, 10f64.powf(db / 20.0), *seconds)).collect();
        let lufs = measured(&sound, &sound, 777).lufs.unwrap();
        assert!((lufs + 23.0).abs() < 0.1, "{lufs}");
        // Case 4: nor does what is nearly silent.
        let parts = [(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)];
        let sound: Vec<f32> =
            parts.iter().flat_map(|(db, seconds)| tone(1000.0, 0.0, 10f64.powf(db / 20.0), *seconds)).collect();
        let lufs = measured(&sound, &sound, 4096).lufs.unwrap();
        assert!((lufs + 23.0).abs() < 0.1, "{lufs}");
    }

    #[test]
    fn a_peak_between_two_samples_is_found() {
        // EBU Tech 3341, case 16: a quarter of the rate, an eighth of a turn off, so that every sample is 3 dB below the peak.
        let sound = tone(12_000.0, std::f64::consts::FRAC_PI_4, 0.5, 1.0);
        assert!(largest(&sound) < 0.36);
        let peak = measured(&sound, &vec![0.0; sound.len()], 1000).peak_db.unwrap();
        assert!((-6.4..-5.8).contains(&peak), "{peak}");
    }

    #[test]
    fn silence_and_a_blink_have_no_loudness() {
        let nothing = vec![0.0; 96_000];
        assert_eq!(measured(&nothing, &nothing, 1024), Loudness { lufs: None, peak_db: None });
        let mut blink = tone(1000.0, 0.0, 0.5, 0.3);
        assert_eq!(measured(&blink, &blink, 1024).lufs, None);
        blink.extend(&nothing);
        assert_eq!(measured(&blink, &blink, 1024).lufs, None);
        assert_eq!(Meter::default().loudness(), Loudness::default());
    }

    #[test]
    fn pieces_make_no_difference() {
        let sound = tone(997.0, 0.3, 0.7, 3.0);
        let whole = measured(&sound, &sound, sound.len());
        for piece in [1, 11, 12, 63, 1024, 4801] {
            assert_eq!(measured(&sound, &sound, piece), whole, "{piece}");
        }
    }
}
