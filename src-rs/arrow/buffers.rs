//! Bytes of a body seen as numbers.

mod sealed {
    pub trait Sealed {}
}

/// Numbers of which every bit pattern is a value.
pub trait Number: sealed::Sealed + Copy + 'static {}

macro_rules! numbers {
    ($($number:ty),*) => { $(impl sealed::Sealed for $number {} impl Number for $number {})* };
}
numbers!(i8, i16, i32, i64, u8, u16, u32, u64, u128);

/// `bytes` as numbers, as many as fit; `None` where they are not aligned for it. Arrow is little-endian, and so is every platform that
/// Node's prebuilt addons exist for.
pub fn numbers<T: Number>(bytes: &[u8]) -> Option<&[T]> {
    const { assert!(cfg!(target_endian = "little")) };
    // SAFETY: `T` is one of the types above: plain numbers, for which any bytes are valid.
    let (before, numbers, _) = unsafe { bytes.align_to::<T>() };
    before.is_empty().then_some(numbers)
}
