//! The transactions of a server, by their ids.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tonic::Status;

use super::named::NamedTransaction;
use super::transaction::{InUse, Transaction};
use crate::server::auth::Caller;
use crate::server::keys::Keys;
use crate::server::options::ServerOptions;
use crate::server::sqlite::TransactionConnection;

/// Every transaction of a server, until it is ended or nobody has used it for long.
#[derive(Debug)]
pub(in super::super) struct Transactions {
    by_id: Mutex<HashMap<Vec<u8>, Arc<Transaction>>>,
    most: usize,
    timeout: Duration,
}

impl Transactions {
    pub(in super::super) fn new(options: &ServerOptions) -> Self {
        Self { by_id: Mutex::default(), most: options.max_transactions, timeout: options.transaction_timeout }
    }

    /// Refuses one more than there may be.
    pub(super) fn check(&self) -> Result<(), Status> {
        self.check_locked(&self.lock())
    }

    /// Keeps a transaction that has begun under a new id, which nobody can guess.
    pub(super) fn add(&self, connection: TransactionConnection, caller: Caller, keys: &Keys) -> Result<Bytes, Status> {
        let id = keys.random().ok_or_else(|| Status::internal("the system gave no random bytes"))?;
        let transaction = Arc::new(Transaction::new(connection, caller, self.unknown()));
        let mut by_id = self.lock();
        // Several may have begun at the same time.
        self.check_locked(&by_id)?;
        by_id.insert(id.to_vec(), transaction);
        Ok(Bytes::copy_from_slice(&id))
    }

    /// The transaction that is named, which counts as used now.
    pub(in super::super) fn find(&self, named: &NamedTransaction) -> Result<Arc<Transaction>, Status> {
        let transaction = self.lock().get(&named.id[..]).filter(|transaction| transaction.belongs_to(named.caller)).map(Arc::clone);
        let transaction = transaction.ok_or_else(|| self.unknown())?;
        transaction.touch();
        Ok(transaction)
    }

    /// Forgets a transaction, which has ended.
    pub(super) fn remove(&self, id: &[u8]) {
        let removed = self.lock().remove(id);
        drop(removed);
    }

    /// Takes out those that nobody has used for long, to be rolled back.
    pub(in super::super) fn idle(&self) -> Vec<InUse> {
        let mut idle = Vec::new();
        self.lock().retain(|_, transaction| match transaction.enter_if_idle_for(self.timeout) {
            Some(in_use) => {
                idle.push(in_use);
                false
            }
            None => true,
        });
        idle
    }

    pub(in super::super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Rolls everything back; what runs in a transaction at this moment, once it has ended. Blocks.
    pub(in super::super) fn clear(&self) {
        let all = std::mem::take(&mut *self.lock());
        for transaction in all.into_values() {
            if let Some(in_use) = transaction.enter_if_idle_for(Duration::ZERO) {
                in_use.abandon();
            }
        }
    }

    fn check_locked(&self, by_id: &HashMap<Vec<u8>, Arc<Transaction>>) -> Result<(), Status> {
        match by_id.len() < self.most {
            true => Ok(()),
            false => Err(Status::resource_exhausted(format!(
                "the server has at most {} transactions open (max_transactions); end those that are not used any more",
                self.most
            ))),
        }
    }

    fn unknown(&self) -> Status {
        Status::not_found(format!(
            "there is no open transaction of that id: it has ended, or nobody used it for {:?}, or another server or caller began it",
            self.timeout
        ))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Arc<Transaction>>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
