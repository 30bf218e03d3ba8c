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

#[cfg(test)]
mod tests {
    use super::super::address::Transport;
    use super::*;

    fn at(port: u16) -> Address {
        Address { transport: Transport::Tcp, host: "backend".into(), port }
    }

    #[test]
    fn a_server_is_unreachable_until_it_is_reached() {
        let unreachable = Unreachable::default();
        unreachable.note(&at(1));
        assert_eq!([unreachable.is_noted(&at(1)), unreachable.is_noted(&at(2))], [true, false]);
        unreachable.forget(&at(1));
        assert!(!unreachable.is_noted(&at(1)));
    }

    #[test]
    fn what_was_noted_a_minute_ago_is_forgotten() {
        let unreachable = Unreachable::default();
        unreachable.lock().insert(at(1), Instant::now() - BELIEVED);
        assert!(!unreachable.is_noted(&at(1)));
        unreachable.note(&at(2));
        assert_eq!(unreachable.lock().len(), 1);
    }

    #[test]
    fn however_many_a_server_names_only_some_are_remembered() {
        let unreachable = Unreachable::default();
        (0..10_000).for_each(|port| unreachable.note(&at(port)));
        assert_eq!(unreachable.lock().len(), MOST);
    }
}
