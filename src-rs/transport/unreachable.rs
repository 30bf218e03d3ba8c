//! Which servers could not be reached just now.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::{Duration, Instant};

use super::address::Address;

/// How long that is believed. A location that does not answer costs the connect timeout once in this time, and not with every result.
const BELIEVED: Duration = Duration::from_secs(60);

/// How many are remembered; servers may name any number.
const MOST: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Unreachable(Mutex<HashMap<Address, Instant>>);

impl Unreachable {
    pub(super) fn note(&self, address: &Address) {
        let now = Instant::now();
        let mut known = self.lock();
        known.retain(|_, since| now.duration_since(*since) < BELIEVED);
        if known.len() < MOST {
            known.insert(address.clone(), now);
        }
    }

    pub(super) fn is_noted(&self, address: &Address) -> bool {
        self.lock().get(address).is_some_and(|since| since.elapsed() < BELIEVED)
    }

    pub(super) fn forget(&self, address: &Address) {
        self.lock().remove(address);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Address, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
