//! Running a statement as often as there are values for it.

use std::sync::Arc;

use super::binding::{self, Binding};
use super::cursor::Cursor;
use super::failure::SqliteFailure;

/// The runs of one statement that are still to come.
#[derive(Debug)]
pub(in super::super) struct Runs {
    /// Without values there is one run.
    binding: Option<Arc<Binding>>,
    /// The batch and the row of it that the next run takes.
    batch: usize,
    row: usize,
    /// Runs that have begun.
    begun: usize,
    /// The newest one has rows yet.
    under_way: bool,
}

impl Runs {
    /// One run of a statement without parameters.
    pub(in super::super) fn once() -> Self {
        Self { binding: None, batch: 0, row: 0, begun: 0, under_way: false }
    }

    /// A run for each row of values.
    pub(in super::super) fn of(binding: Arc<Binding>) -> Self {
        Self { binding: Some(binding), ..Self::once() }
    }

    /// Goes to the next row of the results, which follow one another; `false` behind the last one. Blocks.
    pub(in super::super) fn step(&mut self, cursor: &mut Cursor) -> Result<bool, SqliteFailure> {
        loop {
            if !self.under_way && !self.begin(cursor)? {
                return Ok(false);
            }
            self.under_way = cursor.step().map_err(|failure| self.placed(failure))?;
            if self.under_way {
                return Ok(true);
            }
        }
    }

    /// Gives `cursor` the values of the next run; `false` if there is none.
    pub(super) fn begin(&mut self, cursor: &mut Cursor) -> Result<bool, SqliteFailure> {
        let Some(binding) = &self.binding else {
            let is_first = self.begun == 0;
            self.begun = 1;
            return Ok(is_first);
        };
        let Some(batch) = binding.batch(self.batch) else {
            return Ok(false);
        };
        self.begun += 1;
        cursor.rewind();
        for parameter in 0..batch.num_columns() {
            let value = binding::value(batch, parameter, self.row, self.begun)?;
            cursor.bind(parameter, &value).map_err(|failure| {
                let name = batch.schema_ref().field(parameter).name();
                failure.at(&format!("parameter {name:?}, row {}", self.begun))
            })?;
        }
        self.row += 1;
        if self.row == batch.num_rows() {
            (self.batch, self.row) = (self.batch + 1, 0);
        }
        Ok(true)
    }

    /// Says which row of values a run failed with, where there are several.
    pub(super) fn placed(&self, failure: SqliteFailure) -> SqliteFailure {
        match &self.binding {
            Some(binding) if binding.rows() > 1 => failure.at(&format!("row {} of the bound values", self.begun)),
            _ => failure,
        }
    }
}
