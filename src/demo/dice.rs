//! Chance that falls the same way for the same seed.

/// The generator `SplitMix64` by Sebastiano Vigna.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to one less than `end`; 0 when that is nothing.
    pub fn below(&mut self, end: usize) -> usize {
        let drawn = self.next() % (end.max(1) as u64);
        usize::try_from(drawn).unwrap_or(0)
    }

    /// From `least` to `most`, both possible.
    pub fn between(&mut self, least: i32, most: i32) -> i32 {
        let drawn = self.next() % (u64::from(most.abs_diff(least)) + 1);
        least + i32::try_from(drawn).unwrap_or(0)
    }

    /// True so many times in a hundred.
    pub fn chance(&mut self, percent: i32) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of them; there must be one.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
