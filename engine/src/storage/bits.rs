//! A plain bitmap: which rows of a column have a value, which members occur.

/// The places of the bits that are set in a word, ascending.
pub fn ones(mut word: u64) -> impl Iterator<Item = usize> + Clone {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros() as usize;
        (word != 0).then(|| {
            word &= word - 1;
            bit
        })
    })
}

/// The lowest so many bits of a word.
#[inline(always)]
pub fn low(bits: usize) -> u64 {
    if bits >= 64 { u64::MAX } else { (1 << bits) - 1 }
}

/// Bits in words of 64, the lowest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// Bits from a predicate over rows.
    pub fn from_fn(len: usize, set: impl Fn(usize) -> bool) -> Self {
        let mut words = vec![0u64; len.div_ceil(64)];
        for row in (0..len).filter(|row| set(*row)) {
            words[row / 64] |= 1 << (row % 64);
        }
        Bits { words }
    }

    /// So many bits, none of them set.
    pub fn zeros(len: usize) -> Self {
        Bits { words: vec![0; len.div_ceil(64)] }
    }

    /// Whether a row's bit is set.
    pub fn get(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// The 64 bits from a row on.
    pub fn window(&self, start: usize) -> u64 {
        let word = |word: usize| self.words.get(word).copied().unwrap_or(0);
        match start % 64 {
            0 => word(start / 64),
            shift => word(start / 64) >> shift | word(start / 64 + 1) << (64 - shift),
        }
    }

    /// Sets a bit.
    pub fn set(&mut self, row: usize) {
        if self.words.len() <= row / 64 {
            self.words.resize(row / 64 + 1, 0);
        }
        self.words[row / 64] |= 1 << (row % 64);
    }

    /// Sets all bits that others set.
    pub fn add_all(&mut self, others: &Bits) {
        if self.words.len() < others.words.len() {
            self.words.resize(others.words.len(), 0);
        }
        self.words.iter_mut().zip(&others.words).for_each(|(word, more)| *word |= more);
    }

    /// The bits that are set, ascending.
    pub fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(word, bits)| ones(*bits).map(move |bit| word * 64 + bit))
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.words.len() * 8
    }
}
