//! `PollFlightInfo`: a query runs in the background, and whoever polls is told which parts of its result there are.

mod answer;
mod handle;
mod query;
mod run;
mod store;

pub(super) use answer::{again, begin, whole};
pub(super) use handle::PollHandle;
pub(super) use store::PolledQueries;
