//! Transactions and savepoints.

use std::convert::identity;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use napi::Result;
use napi::bindgen_prelude::{Buffer, Env};
use napi_derive::napi;

use super::client::NativeClient;
use super::completion::promise;
use super::options::{NativeCall, invalid};
use super::runtime::runtime;
use super::values::Made;
use crate::sql::transaction::Ending;

#[napi]
impl NativeClient {
    /// `[error, id]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, Buffer | null]>")]
    pub fn begin_transaction(&self, env: Env, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call) = (self.client.clone(), call.resolve()?);
        promise(&env, runtime(self.home), identity, async move { client.begin_transaction(&call).await }, |js, id| js.buffer(&id))
    }

    /// `ending` is `commit` or `rollback`. `[error, null]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, null]>")]
    pub fn end_transaction(&self, env: Env, transaction: Buffer, ending: String, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, id, ending) = (self.client.clone(), call.resolve()?, id_of(&transaction), ending_of(&ending)?);
        promise(&env, runtime(self.home), identity, async move { client.end_transaction(id, ending, &call).await }, |js, ()| js.null())
    }

    /// `[error, id]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, Buffer | null]>")]
    pub fn begin_savepoint(&self, env: Env, transaction: Buffer, name: String, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, id) = (self.client.clone(), call.resolve()?, id_of(&transaction));
        promise(&env, runtime(self.home), identity, async move { client.begin_savepoint(id, name, &call).await }, |js, id| js.buffer(&id))
    }

    /// `ending` is `release` or `rollback`. `[error, null]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, null]>")]
    pub fn end_savepoint(&self, env: Env, savepoint: Buffer, ending: String, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, id, ending) = (self.client.clone(), call.resolve()?, id_of(&savepoint), ending_of(&ending)?);
        promise(&env, runtime(self.home), identity, async move { client.end_savepoint(id, ending, &call).await }, |js, ()| js.null())
    }
}

pub(super) fn id_of(id: &[u8]) -> Bytes {
    Bytes::copy_from_slice(id)
}

fn ending_of(text: &str) -> Result<Ending> {
    match text {
        "commit" | "release" => Ok(Ending::Keep),
        "rollback" => Ok(Ending::Undo),
        other => Err(invalid(format!("'{other}' is no way to end a transaction or savepoint"))),
    }
}
