//! Bit rates of encoded sound.

/// Bits of a second of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bitrate(u32);

impl Bitrate {
    /// The lowest that speech can be understood at.
    pub const MIN: Self = Self::from_kbps(8);
    /// The highest that makes a difference to speech, and that MP3 has.
    pub const MAX: Self = Self::from_kbps(320);

    /// Returns a bit rate of this many thousand bits a second.
    pub const fn from_kbps(kbps: u32) -> Self {
        Self(kbps * 1000)
    }

    /// Returns it in bits a second.
    pub const fn bits_per_second(self) -> u32 {
        self.0
    }

    /// Returns it in thousand bits a second, rounded down.
    pub const fn kbps(self) -> u32 {
        self.0 / 1000
    }
}
