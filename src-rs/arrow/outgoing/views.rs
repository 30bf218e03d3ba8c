//! Windows of views: as they are where they show all that their buffers hold, otherwise with the strings that they show and no others.

use std::borrow::Cow;
use std::ops::Range;

use super::OutgoingArray;
use super::body::short;
use crate::error::{Error, Result};

/// Views up to this length hold their string themselves.
const INLINE: usize = 12;

/// Given, or made.
type Bytes<'a> = Cow<'a, [u8]>;

/// Where a view's string is, unless the view holds it itself.
struct Place {
    buffer: usize,
    offset: usize,
    length: usize,
}

impl Place {
    fn of(view: &[u8; 16]) -> Result<Option<Self>> {
        let word = |at: usize| i32::from_le_bytes([view[at], view[at + 1], view[at + 2], view[at + 3]]);
        let whole =
            |word: i32| usize::try_from(word).map_err(|_| Error::data(format!("a view says {word} where a whole number is needed")));
        let length = whole(word(0))?;
        if length <= INLINE {
            return Ok(None);
        }
        Ok(Some(Self { buffer: whole(word(8))?, offset: whole(word(12))?, length }))
    }

    fn bytes<'a>(&self, data: &[&'a [u8]]) -> Result<&'a [u8]> {
        let buffer = data.get(self.buffer).and_then(|data| data.get(self.offset..self.offset.checked_add(self.length)?));
        buffer.ok_or_else(|| Error::data(format!("a view points at bytes of data buffer {} that are not there", self.buffer)))
    }
}

/// What the data of a window takes, at most.
pub(super) fn data_bytes(array: &OutgoingArray<'_>, rows: &Range<usize>) -> Result<usize> {
    let shown = shown_bytes(array, rows)?;
    Ok(if is_whole(array, rows) { shown.min(given_bytes(array)) } else { shown })
}

/// The views of a window, and the data buffers that they are of.
pub(super) fn window<'a>(array: &OutgoingArray<'a>, rows: &Range<usize>) -> Result<(Bytes<'a>, Vec<Bytes<'a>>)> {
    let given = &array.buffers[2..];
    let views = views(array, rows)?;
    if is_whole(array, rows) && given_bytes(array) <= shown_bytes(array, rows)? {
        for view in views {
            Place::of(view)?.map_or(Ok(&[][..]), |place| place.bytes(given))?;
        }
        return Ok((Cow::Borrowed(views.as_flattened()), given.iter().map(|data| Cow::Borrowed(*data)).collect()));
    }
    let (mut moved, mut data) = (Vec::with_capacity(views.len() * 16), Vec::new());
    for view in views {
        moved.extend_from_slice(&view[..8]);
        let Some(place) = Place::of(view)? else {
            moved.extend_from_slice(&view[8..]);
            continue;
        };
        let offset = i32::try_from(data.len()).map_err(|_| Error::data("the strings of a batch take more than 2 GiB"))?;
        moved.extend_from_slice(&0_i32.to_le_bytes());
        moved.extend_from_slice(&offset.to_le_bytes());
        data.extend_from_slice(place.bytes(given)?);
    }
    let data = if data.is_empty() { Vec::new() } else { vec![Cow::Owned(data)] };
    Ok((Cow::Owned(moved), data))
}

/// What the strings of a window take.
fn shown_bytes(array: &OutgoingArray<'_>, rows: &Range<usize>) -> Result<usize> {
    views(array, rows)?.iter().try_fold(0_usize, |sum, view| Ok(sum.saturating_add(Place::of(view)?.map_or(0, |place| place.length))))
}

/// What the data buffers of an array hold, of which a slice may show little.
fn given_bytes(array: &OutgoingArray<'_>) -> usize {
    array.buffers[2..].iter().map(|data| data.len()).sum()
}

fn is_whole(array: &OutgoingArray<'_>, rows: &Range<usize>) -> bool {
    *rows == (0..array.length)
}

fn views<'a>(array: &OutgoingArray<'a>, rows: &Range<usize>) -> Result<&'a [[u8; 16]]> {
    let (views, _) = array.buffers[1].as_chunks::<16>();
    if rows.is_empty() {
        return Ok(&[]);
    }
    views.get(rows.clone()).ok_or_else(|| short(array.buffers[1].len(), rows.end.saturating_mul(16)))
}
