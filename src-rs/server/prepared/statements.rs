//! The prepared statements of a server, by their handles.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tonic::Status;

use crate::server::allowance::{Allowance, Held};
use crate::server::auth::Caller;
use crate::server::keys::Keys;
use crate::server::options::ServerOptions;
use crate::server::sqlite::Binding;
use crate::server::transactions::NamedTransaction;

/// Every prepared statement of a server, until it is closed or nobody has used it for long.
#[derive(Debug)]
pub(in super::super) struct PreparedStatements {
    by_handle: Mutex<HashMap<Vec<u8>, Arc<PreparedStatement>>>,
    most: usize,
    lifetime: Duration,
    allowance: Allowance,
}

/// One statement, and the values that are bound to it.
#[derive(Debug)]
pub(in super::super) struct PreparedStatement {
    /// Who prepared it: it is there for nobody else.
    caller: Caller,
    sql: String,
    /// The names of its parameters, in the order in which they are bound.
    parameters: Vec<String>,
    /// The transaction that it runs in, if it was prepared in one.
    transaction: Option<NamedTransaction>,
    bound: Mutex<Option<Arc<Binding>>>,
    used: Mutex<Instant>,
    _held: Held,
}

impl PreparedStatements {
    pub(in super::super) fn new(options: &ServerOptions) -> Self {
        Self {
            by_handle: Mutex::default(),
            most: options.max_prepared_statements,
            lifetime: options.prepared_for,
            allowance: Allowance::new(options.max_prepared_bytes),
        }
    }

    /// Keeps a statement under a new handle, which nobody can guess.
    pub(super) fn add(
        &self,
        caller: Caller,
        sql: String,
        parameters: Vec<String>,
        transaction: Option<NamedTransaction>,
        keys: &Keys,
    ) -> Result<Vec<u8>, Status> {
        let handle = keys.random().ok_or_else(|| Status::internal("the system gave no random bytes"))?.to_vec();
        let mut held = self.hold();
        self.count(&mut held, sql.len() + parameters.iter().map(String::len).sum::<usize>())?;
        let used = Mutex::new(Instant::now());
        let statement = PreparedStatement { caller, sql, parameters, transaction, bound: Mutex::default(), used, _held: held };
        let mut by_handle = self.lock();
        if by_handle.len() >= self.most {
            return Err(Status::resource_exhausted(format!(
                "the server keeps at most {} prepared statements (max_prepared_statements); close those that are not used any more",
                self.most
            )));
        }
        by_handle.insert(handle.clone(), Arc::new(statement));
        Ok(handle)
    }

    /// The statement that `caller` has the handle of, which counts as used now.
    pub(in super::super) fn find(&self, handle: &[u8], caller: Caller) -> Result<Arc<PreparedStatement>, Status> {
        let statement = self.lock().get(handle).filter(|statement| statement.caller == caller).map(Arc::clone);
        let statement = statement.ok_or_else(|| self.unknown())?;
        *statement.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        Ok(statement)
    }

    /// Forgets the statement that `caller` has the handle of.
    pub(super) fn remove(&self, handle: &[u8], caller: Caller) -> Result<(), Status> {
        let mut by_handle = self.lock();
        if !by_handle.get(handle).is_some_and(|statement| statement.caller == caller) {
            return Err(self.unknown());
        }
        let removed = by_handle.remove(handle);
        // Memory is freed outside of the lock.
        drop(by_handle);
        drop(removed);
        Ok(())
    }

    /// No bytes yet, to count those of values in.
    pub(in super::super) fn hold(&self) -> Held {
        self.allowance.hold()
    }

    /// Counts more bytes, unless the server holds too many.
    pub(in super::super) fn count(&self, held: &mut Held, bytes: usize) -> Result<(), Status> {
        match held.add(bytes) {
            true => Ok(()),
            false => Err(Status::resource_exhausted(format!(
                "the server holds at most {} bytes of prepared statements and of values that are uploaded (max_prepared_bytes); send \
                 fewer rows at a time, or close statements that are not used any more",
                self.allowance.most()
            ))),
        }
    }

    pub(in super::super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Bytes of the statements, and of values that are bound, wait for a ticket, or are on their way.
    pub(in super::super) fn bytes(&self) -> usize {
        self.allowance.used()
    }

    /// Forgets what nobody has used for long.
    pub(in super::super) fn expire(&self) {
        let is_used = |statement: &Arc<PreparedStatement>| {
            // Whoever runs it holds a share.
            let mut used = statement.used.lock().unwrap_or_else(PoisonError::into_inner);
            if Arc::strong_count(statement) > 1 {
                *used = Instant::now();
            }
            used.elapsed() < self.lifetime
        };
        self.lock().retain(|_, statement| is_used(statement));
    }

    /// Forgets everything.
    pub(in super::super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Vec<u8>, Arc<PreparedStatement>>> {
        self.by_handle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unknown(&self) -> Status {
        Status::not_found(format!(
            "there is no prepared statement of that handle: it was closed, or not used for {} s, or prepared by another caller or server",
            self.lifetime.as_secs()
        ))
    }
}

impl PreparedStatement {
    pub(in super::super) fn sql(&self) -> &str {
        &self.sql
    }

    pub(in super::super) fn parameters(&self) -> &[String] {
        &self.parameters
    }

    /// The transaction that it runs in, if it was prepared in one.
    pub(in super::super) fn transaction(&self) -> Option<&NamedTransaction> {
        self.transaction.as_ref()
    }

    /// The values that are bound now.
    pub(in super::super) fn bound(&self) -> Option<Arc<Binding>> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Binds values in place of those before; whoever runs with those is not concerned.
    pub(super) fn bind(&self, binding: Option<Arc<Binding>>) {
        *self.bound.lock().unwrap_or_else(PoisonError::into_inner) = binding;
    }
}
