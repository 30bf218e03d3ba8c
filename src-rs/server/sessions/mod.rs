//! Sessions: options that a client sets once, found again by a cookie.
//!
//! There is one database with one schema, so no option changes how a statement runs; `catalog` and `schema` can only
//! be set to what they are.

mod answers;
mod cookie;
mod layer;
pub(super) mod messages;
mod options;
mod store;

pub(super) use answers::{close, get_options, set_options};
pub(super) use layer::SessionLayer;
pub(super) use store::Sessions;

/// The session that a call names, which the layer in front of the service has looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Live(store::SessionId),
    /// It is over, or was never one of the caller's.
    Dead,
}
