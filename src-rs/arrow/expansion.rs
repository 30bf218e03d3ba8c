//! How many bytes values take, one by one: normalising can repeat a value as often as a few bytes say, so it has to be known before.

use arrow_data::ArrayData;

use super::buffers::{Number, numbers};
use super::schema::{Kind, kind_of};
use crate::error::{Code, Error, Result};

/// For each value of an array, how many bytes those before it take. Never less than what a copy takes, give or take what is shared by all
/// values.
#[derive(Debug)]
pub enum ByteOffsets {
    /// Every value takes as much. No table: an array that takes no bytes may claim any length.
    Even { width: u64 },
    /// An entry a value, and one more for all.
    Table(Vec<u64>),
}

impl ByteOffsets {
    /// The bytes before value `index`.
    pub fn at(&self, index: usize) -> u64 {
        match self {
            Self::Even { width } => width.saturating_mul(index as u64),
            Self::Table(offsets) => offsets.get(index).or(offsets.last()).copied().unwrap_or(0),
        }
    }

    /// The bytes of `length` values from `start`.
    pub fn between(&self, start: usize, length: usize) -> u64 {
        self.at(start.saturating_add(length)).saturating_sub(self.at(start))
    }

    fn table(length: usize, offset: impl Fn(usize) -> u64) -> Result<Self> {
        let mut offsets = Vec::new();
        offsets
            .try_reserve_exact(length.saturating_add(1))
            .map_err(|_| Error::new(Code::OutOfMemory, format!("the system refused memory to measure {length} values")))?;
        offsets.extend((0..=length).map(offset));
        Ok(Self::Table(offsets))
    }

    /// The most that one of `length` values takes.
    fn widest(&self, length: usize) -> u64 {
        match self {
            Self::Even { width } => *width,
            Self::Table(_) => (0..length).map(|index| self.between(index, 1)).max().unwrap_or(0),
        }
    }
}

/// See [`ByteOffsets`].
///
/// # Errors
/// `OUT_OF_MEMORY`.
pub fn byte_offsets(data: &ArrayData) -> Result<ByteOffsets> {
    let length = data.len();
    let start = data.offset();
    let even = |width: u64| Ok(ByteOffsets::Even { width });
    let Ok(kind) = kind_of(data.data_type()) else { return even(0) };
    let child = |at: usize| data.child_data().get(at).map_or(Ok(ByteOffsets::Even { width: 0 }), byte_offsets);
    match kind {
        Kind::Null | Kind::RunEndEncoded | Kind::Bool => even(1),
        Kind::Fixed(width) => even(width as u64),
        Kind::Dictionary(index) => even(index.bytes as u64),
        Kind::View { .. } => even(16),
        Kind::Variable { large: true, .. } => by_offsets::<i64>(data, &ByteOffsets::Even { width: 1 }),
        Kind::Variable { large: false, .. } => by_offsets::<i32>(data, &ByteOffsets::Even { width: 1 }),
        Kind::List { large: true } => by_offsets::<i64>(data, &child(0)?),
        Kind::List { large: false } | Kind::Map => by_offsets::<i32>(data, &child(0)?),
        Kind::FixedSizeList(size) => match child(0)? {
            ByteOffsets::Even { width } => even(width.saturating_mul(size as u64)),
            values => ByteOffsets::table(length, |row| values.at((start + row).saturating_mul(size))),
        },
        Kind::Struct | Kind::SparseUnion => {
            let children = (0..data.child_data().len()).map(child).collect::<Result<Vec<_>>>()?;
            let widths: Option<Vec<u64>> =
                children.iter().map(|values| if let ByteOffsets::Even { width } = values { Some(*width) } else { None }).collect();
            match widths {
                Some(widths) => even(widths.into_iter().fold(1, u64::saturating_add)),
                None => ByteOffsets::table(length, |row| {
                    children.iter().fold(row as u64, |sum, values| sum.saturating_add(values.at(start + row)))
                }),
            }
        }
        Kind::DenseUnion | Kind::ListView { .. } => {
            // A value takes no more than the largest of each child.
            let widest = data.child_data().iter().map(|data| Ok(byte_offsets(data)?.widest(data.len())));
            even(widest.collect::<Result<Vec<u64>>>()?.into_iter().fold(8, u64::saturating_add))
        }
    }
}

/// By the offsets of a variable-length type, which count `values`.
fn by_offsets<O: Number + Into<i64>>(data: &ArrayData, values: &ByteOffsets) -> Result<ByteOffsets> {
    let offsets: &[O] = data.buffers().first().and_then(|buffer| numbers(buffer)).unwrap_or(&[]);
    let width = size_of::<O>() as u64;
    ByteOffsets::table(data.len(), |row| {
        let offset = offsets.get(data.offset() + row).map_or(0, |offset| (*offset).into().max(0) as u64);
        values.at(usize::try_from(offset).unwrap_or(usize::MAX)).saturating_add(row as u64 * width)
    })
}
