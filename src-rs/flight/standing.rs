//! How far the reading of a result has come, for errors that arise beside it.

use std::sync::{Arc, Mutex, PoisonError};

use super::stream::SharedPlace;
use crate::error::{Error, Progress};

/// Shared by a result and by those who work with what it delivers.
#[derive(Debug, Clone, Default)]
pub struct Standing(Arc<Mutex<Place>>);

#[derive(Debug, Default)]
struct Place {
    /// What is being read; nothing where a result has no endpoint.
    endpoint: Option<SharedPlace>,
    progress: Progress,
}

impl Standing {
    pub(super) fn reading(&self, endpoint: &SharedPlace) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).endpoint = Some(endpoint.clone());
    }

    /// `progress` has reached whoever the result is for.
    pub fn delivered(&self, progress: Progress) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).progress = progress;
    }

    /// Names the endpoint and how much was delivered before, where the error does not.
    pub fn locate(&self, error: Error) -> Error {
        let place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let error = error.after(place.progress);
        match &place.endpoint {
            Some(endpoint) => error.at_endpoint(&endpoint.get()),
            None => error,
        }
    }
}
