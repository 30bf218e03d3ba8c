//! How many bytes values take, one by one: normalising can repeat a value as often as a few bytes say, so it has to be known before.

use arrow_data::ArrayData;

use super::buffers::{Number, numbers};
use super::schema::{Kind, kind_of};

/// For each value of an array, how many bytes those before it take; one more entry for all. Never less than what a copy takes, give or
/// take what is shared by all values.
pub fn byte_offsets(data: &ArrayData) -> Vec<u64> {
    let length = data.len();
    let start = data.offset();
    let each = |width: u64| (0..=length as u64).map(|row| row.saturating_mul(width)).collect::<Vec<_>>();
    let Ok(kind) = kind_of(data.data_type()) else { return each(0) };
    let child = |at: usize| data.child_data().get(at).map(byte_offsets).unwrap_or_default();
    match kind {
        Kind::Null | Kind::RunEndEncoded => each(1),
        Kind::Bool => each(1),
        Kind::Fixed(width) => each(width as u64),
        Kind::Dictionary(index) => each(index.bytes as u64),
        Kind::View { .. } => each(16),
        Kind::Variable { large: true, .. } => by_offsets::<i64>(data, start, None),
        Kind::Variable { large: false, .. } => by_offsets::<i32>(data, start, None),
        Kind::List { large: true } => by_offsets::<i64>(data, start, Some(&child(0))),
        Kind::List { large: false } | Kind::Map => by_offsets::<i32>(data, start, Some(&child(0))),
        Kind::FixedSizeList(size) => {
            let values = child(0);
            (0..=length).map(|row| at(&values, (start + row).saturating_mul(size))).collect()
        }
        Kind::Struct | Kind::SparseUnion | Kind::DenseUnion | Kind::ListView { .. } => {
            // A dense union's or a list view's value takes no more than the largest of each child.
            let children: Vec<Vec<u64>> = (0..data.child_data().len()).map(child).collect();
            if kind == Kind::Struct || kind == Kind::SparseUnion {
                return (0..=length as u64)
                    .map(|row| children.iter().fold(row, |sum, values| sum.saturating_add(at(values, start + row as usize))))
                    .collect();
            }
            let largest = |values: &Vec<u64>| values.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0);
            each(children.iter().map(largest).fold(8, u64::saturating_add))
        }
    }
}

/// By the offsets of a variable-length type, counted in bytes or in `values`.
fn by_offsets<O: Number + Into<i64>>(data: &ArrayData, start: usize, values: Option<&[u64]>) -> Vec<u64> {
    let offsets: &[O] = data.buffers().first().and_then(|buffer| numbers(buffer)).unwrap_or(&[]);
    let width = size_of::<O>() as u64;
    (0..=data.len())
        .map(|row| {
            let offset = offsets.get(start + row).map_or(0, |offset| (*offset).into().max(0) as u64);
            let bytes = values.map_or(offset, |values| at(values, usize::try_from(offset).unwrap_or(usize::MAX)));
            bytes.saturating_add(row as u64 * width)
        })
        .collect()
}

fn at(values: &[u64], index: usize) -> u64 {
    values.get(index).or(values.last()).copied().unwrap_or(0)
}
