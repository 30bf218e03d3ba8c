//! The savepoints of a transaction: each lies within those that were made before it.

use tonic::Status;

/// How many one transaction may have.
const MOST: usize = 1000;

/// Those that have not ended, by their numbers, the oldest first. Their names are numbers, too: a client's name for one
/// need not be unique, and is never part of SQL.
#[derive(Debug, Default)]
pub(super) struct Savepoints {
    open: Vec<u64>,
    newest: u64,
}

impl Savepoints {
    /// The number that the next one gets, if there may be one.
    pub(super) fn next(&self) -> Result<u64, Status> {
        match self.open.len() < MOST {
            true => Ok(self.newest + 1),
            false => Err(Status::resource_exhausted(format!(
                "the transaction has {MOST} savepoints, and may have no more; release those that are not used any more"
            ))),
        }
    }

    /// Notes the one that [`next`](Self::next) gave the number for.
    pub(super) fn add(&mut self, number: u64) {
        self.newest = number;
        self.open.push(number);
    }

    /// Refuses a number whose savepoint has ended, or never was.
    pub(super) fn check(&self, number: u64) -> Result<(), Status> {
        match self.open.contains(&number) {
            true => Ok(()),
            false if (1..=self.newest).contains(&number) => {
                Err(Status::not_found("the savepoint has ended: it was released, or an outer one was released or rolled back to"))
            }
            false => Err(Status::not_found("there is no savepoint of that id in the transaction")),
        }
    }

    /// Forgets one and all within it.
    pub(super) fn release(&mut self, number: u64) {
        self.open.retain(|open| *open < number);
    }

    /// Forgets all within one.
    pub(super) fn roll_back_to(&mut self, number: u64) {
        self.open.retain(|open| *open <= number);
    }

    pub(super) fn clear(&mut self) {
        self.open.clear();
    }
}
