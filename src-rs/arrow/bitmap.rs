//! Bits of validity and of boolean values, least significant first.

/// How many of the first `length` bits are 0. `bits` must hold them all.
pub fn count_zeros(bits: &[u8], length: usize) -> usize {
    let whole = length / 8;
    let (chunks, rest) = bits[..whole].as_chunks::<8>();
    let mut ones: usize = chunks.iter().map(|chunk| u64::from_le_bytes(*chunk).count_ones() as usize).sum();
    ones += rest.iter().map(|byte| byte.count_ones() as usize).sum::<usize>();
    let tail = length % 8;
    if tail != 0 {
        ones += (bits[whole] & ((1 << tail) - 1)).count_ones() as usize;
    }
    length - ones
}

/// Bit `at`.
pub fn is_set(bits: &[u8], at: usize) -> bool {
    bits[at / 8] & (1 << (at % 8)) != 0
}

/// Validity of the rows of an array: `None` is all valid.
#[derive(Debug, Clone, Copy)]
pub struct Validity<'a>(pub Option<&'a [u8]>);

impl Validity<'_> {
    pub fn is_valid(self, row: usize) -> bool {
        self.0.is_none_or(|bits| is_set(bits, row))
    }
}
