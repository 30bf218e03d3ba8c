//! The transaction that a request names.

use bytes::Bytes;

use crate::server::auth::Caller;

/// The id of a transaction, and who names it: one that another caller has begun is not there for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct NamedTransaction {
    pub(super) id: Bytes,
    pub(super) caller: Caller,
}

impl NamedTransaction {
    pub(super) fn new(id: Bytes, caller: Caller) -> Self {
        Self { id, caller }
    }

    /// What `caller` names by the id in a request; an empty one is none.
    pub(in super::super) fn given(id: Option<Bytes>, caller: Caller) -> Option<Self> {
        id.filter(|id| !id.is_empty()).map(|id| Self { id, caller })
    }
}
