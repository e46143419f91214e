//! Randomness that can be asked again: a stream is named by what it is for, so the calls of any minute come out the
//! same whenever and in whatever order they are drawn. It knows nothing of functions or metrics.

use std::convert::Infallible;

use rand::TryRng;
use rand_distr::{Binomial, Distribution, Poisson};

/// A stream of random numbers (`SplitMix64`), cheap enough to open by the thousand.
#[derive(Debug, Clone)]
pub(super) struct Stream(u64);

impl Stream {
    /// The stream that these words name.
    pub(super) fn named(words: &[u64]) -> Self {
        Self(words.iter().fold(0x9E37_79B9_7F4A_7C15, |state, word| mix(state ^ mix(*word))))
    }

    /// A number from 0 up to but without 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
    pub(super) fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// How many calls arrive where `mean` are expected.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of calls in five seconds")]
    pub(super) fn arrivals(&mut self, mean: f64) -> u32 {
        Poisson::new(mean).map_or(0, |law| law.sample(self) as u32)
    }

    /// How many of `calls` meet a fate that each meets with `probability`.
    #[expect(clippy::cast_possible_truncation, reason = "it is at most `calls`")]
    pub(super) fn of(&mut self, calls: u32, probability: f64) -> u32 {
        Binomial::new(u64::from(calls), probability.clamp(0.0, 1.0)).map_or(0, |law| law.sample(self) as u32)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// A number that stands for a text, to name streams with.
pub(super) fn word(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// An identifier in the form of a UUID, version 4.
pub(super) fn uuid(words: &[u64]) -> String {
    let mut stream = Stream::named(words);
    let (high, low) = (stream.next(), stream.next());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFF,
        0x8000 | (low >> 48) & 0x3FFF,
        low & 0xFFFF_FFFF_FFFF
    )
}

/// Something in the form of a SHA-256 in base64.
pub(super) fn sha256(words: &[u64]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut stream = Stream::named(words);
    // 32 bytes fill 42 digits of six bits and four bits of one more; its last two bits are zero.
    let last = 42;
    let digits = (0..=last).map(|at| {
        let six_bits = (stream.next() >> 58) as usize;
        char::from(ALPHABET[if at == last { six_bits & !3 } else { six_bits }])
    });
    digits.chain(['=']).collect()
}

fn mix(mut number: u64) -> u64 {
    number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_one_stream() {
        assert_eq!(Stream::named(&[1, 2]).next(), Stream::named(&[1, 2]).next());
        assert_ne!(Stream::named(&[1, 2]).next(), Stream::named(&[2, 1]).next());
    }

    #[test]
    fn identifiers_look_like_those_of_aws() {
        let id = uuid(&[7]);
        assert_eq!(id.len(), 36);
        assert_eq!(&id[14..15], "4");
        assert!("89ab".contains(&id[19..20]), "{id}");
        assert_eq!(sha256(&[7]).len(), 44);
    }

    #[test]
    fn counts_stay_near_their_mean() {
        let mut stream = Stream::named(&[3]);
        let total: u32 = (0..1_000).map(|_| stream.arrivals(10.0)).sum();
        assert!((9_500..10_500).contains(&total), "{total}");
        let hit = stream.of(100_000, 0.1);
        assert!((9_500..10_500).contains(&hit), "{hit}");
        assert_eq!(stream.of(50, 1.0), 50);
        assert_eq!(stream.arrivals(0.0), 0);
    }
}
