//! A caller's arrays, as the words and buffers that cross from JavaScript describe them.

use crate::arrow::schema::{Kind, Node};
use crate::error::{Error, Result};

/// Reads arrays in the order of a schema's fields, depth first. `docs/internals/boundary.md` describes the words.
#[derive(Debug)]
pub struct Arrays<'a> {
    words: &'a [f64],
    buffers: &'a [&'a [u8]],
}

/// One array over a caller's buffers.
#[derive(Debug)]
pub struct OutgoingArray<'a> {
    pub length: usize,
    /// Where bits of validity and of boolean values begin.
    pub bit_offset: usize,
    /// Empty where there is none.
    pub buffers: &'a [&'a [u8]],
    pub children: Vec<OutgoingArray<'a>>,
}

impl<'a> Arrays<'a> {
    pub fn new(words: &'a [f64], buffers: &'a [&'a [u8]]) -> Self {
        Self { words, buffers }
    }

    /// The next array, of the type of `node`.
    ///
    /// # Errors
    /// `INVALID_DATA` where the words end, or do not fit the type.
    pub fn next(&mut self, node: &Node) -> Result<OutgoingArray<'a>> {
        let (length, bit_offset, count) = (self.number()?, self.number()?, self.number()?);
        let (buffers, rest) = self
            .buffers
            .split_at_checked(count)
            .ok_or_else(|| Error::data(format!("an array has {count} buffers where fewer were given")))?;
        self.buffers = rest;
        let is_right = match node.kind {
            Kind::View { .. } => count >= 2,
            kind => count == buffers_of(kind)?,
        };
        if !is_right {
            return Err(Error::data(format!("an array of type {} has {count} buffers", node.field.data_type())));
        }
        let children = node.children.iter().map(|child| self.next(child)).collect::<Result<_>>()?;
        Ok(OutgoingArray { length, bit_offset, buffers, children })
    }

    /// # Errors
    /// `INVALID_DATA` where something was given that belongs to no array.
    pub fn finish(&self) -> Result<()> {
        if self.words.is_empty() && self.buffers.is_empty() {
            return Ok(());
        }
        Err(Error::data("a batch was described with more arrays or buffers than its schema has"))
    }

    fn number(&mut self) -> Result<usize> {
        let (word, rest) =
            self.words.split_first().ok_or_else(|| Error::data("a batch was described with fewer arrays than its schema has"))?;
        self.words = rest;
        // A double holds whole numbers up to here.
        if (0.0..=9_007_199_254_740_991.0).contains(word) && word.fract() == 0.0 {
            return Ok(*word as usize);
        }
        Err(Error::data(format!("a batch was described with {word} where a whole number is needed")))
    }
}

/// How many buffers an array of a kind has, validity included.
fn buffers_of(kind: Kind) -> Result<usize> {
    Ok(match kind {
        Kind::Null => 0,
        Kind::Struct | Kind::FixedSizeList(_) | Kind::SparseUnion => 1,
        Kind::Bool | Kind::Fixed(_) | Kind::List { .. } | Kind::Map | Kind::DenseUnion | Kind::Dictionary(_) => 2,
        Kind::Variable { .. } => 3,
        // Counted by whoever calls.
        Kind::View { .. } => 2,
        Kind::ListView { .. } | Kind::RunEndEncoded => {
            return Err(Error::data(
                "list views and run-end encoded arrays are not sent: a list, or the values themselves, are understood everywhere",
            ));
        }
    })
}
