//! How loud the sound is over time, for drawing it: the largest sample of each twentieth of a second, as a number from 0 to 100.

/// Samples in a twentieth of a second.
const STRETCH: usize = 48_000 / 20;

/// The peaks so far.
#[derive(Default)]
pub struct Peaks {
    done: Vec<u8>,
    current: f32,
    heard: usize,
}

impl Peaks {
    /// Takes in samples at 48 kHz.
    pub fn hear(&mut self, left: &[f32], right: &[f32]) {
        for (n, sample) in left.iter().enumerate() {
            let other = right.get(n).copied().unwrap_or(0.0);
            // A sample that is no number is no peak.
            self.current = self.current.max(sample.abs()).max(other.abs());
            self.heard += 1;
            if self.heard == STRETCH {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        self.done.push((self.current.min(1.0) * 100.0).round() as u8);
        (self.current, self.heard) = (0.0, 0);
    }

    /// The content of `waveform.json`.
    #[must_use]
    pub fn json(mut self) -> Vec<u8> {
        if self.heard > 0 {
            self.close();
        }
        format!("{{\"per_second\":20,\"peaks\":{:?}}}\n", self.done).replace(", ", ",").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stretch_has_its_largest_sample() {
        let mut peaks = Peaks::default();
        let mut left = vec![0.0; STRETCH + 10];
        (left[5], left[STRETCH + 3]) = (-0.5, 2.0);
        let mut right = vec![f32::NAN; STRETCH + 10];
        right[9] = 0.25;
        peaks.hear(&left, &right);
        assert_eq!(peaks.json(), b"{\"per_second\":20,\"peaks\":[50,100]}\n");
    }
}
