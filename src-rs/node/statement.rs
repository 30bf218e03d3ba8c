//! Statements: run, prepared, cancelled.

use std::convert::identity;
use std::sync::atomic::Ordering::Relaxed;

use arrow_flight::FlightInfo;
use arrow_flight::sql::SubstraitPlan;
use bytes::Bytes;
use napi::Result;
use napi::bindgen_prelude::{Buffer, Either, Env};
use napi_derive::napi;
use prost::Message;

use super::client::{NativeClient, damaged};
use super::completion::promise;
use super::options::NativeCall;
use super::runtime::runtime;
use super::transaction::id_of;
use super::values::Made;
use crate::sql::statement::Statement;

/// See `docs/internals/boundary.md`.
#[napi(object, object_to_js = false)]
pub struct NativePlan {
    pub plan: Buffer,
    pub version: String,
}

/// SQL text, or a plan.
pub type NativeStatement = Either<String, NativePlan>;

/// What the core calls a statement.
pub(super) trait Resolve {
    fn resolve(self) -> Statement;
}

impl Resolve for NativeStatement {
    fn resolve(self) -> Statement {
        match self {
            Self::A(sql) => Statement::Sql(sql),
            Self::B(NativePlan { plan, version }) => Statement::Substrait(SubstraitPlan { plan: Bytes::copy_from_slice(&plan), version }),
        }
    }
}

#[napi]
impl NativeClient {
    /// `[error, FlightInfo message]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, Buffer | null]>")]
    pub fn execute(&self, env: Env, statement: NativeStatement, transaction: Option<Buffer>, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, statement) = (self.client.clone(), call.resolve()?, statement.resolve());
        let transaction = transaction.as_deref().map(id_of);
        let work = async move { client.execute(statement, transaction, &call).await.map(|info| info.encode_to_vec()) };
        promise(&env, runtime(self.home), identity, work, |js, info| js.buffer(&info))
    }

    /// `[error, count | null]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, bigint | null]>")]
    pub fn execute_update(&self, env: Env, statement: NativeStatement, transaction: Option<Buffer>, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, statement) = (self.client.clone(), call.resolve()?, statement.resolve());
        let transaction = transaction.as_deref().map(id_of);
        let work = async move { client.execute_update(statement, transaction, &call).await };
        promise(&env, runtime(self.home), identity, work, |js, count| match count.and_then(|count| u64::try_from(count).ok()) {
            Some(count) => js.big(count),
            None => js.null(),
        })
    }

    /// `[error, encapsulated IPC schema message]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, Buffer | null]>")]
    pub fn execute_schema(&self, env: Env, statement: NativeStatement, transaction: Option<Buffer>, call: NativeCall) -> Result<Made> {
        self.schema(&env, statement.resolve().query(transaction.as_deref().map(id_of)), &call)
    }

    /// `[error, PollInfo message]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, Buffer | null]>")]
    pub fn poll_execute(&self, env: Env, statement: NativeStatement, transaction: Option<Buffer>, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, statement) = (self.client.clone(), call.resolve()?, statement.resolve());
        let transaction = transaction.as_deref().map(id_of);
        let work = async move { client.poll_execute(statement, transaction, &call).await.map(|info| info.encode_to_vec()) };
        promise(&env, runtime(self.home), identity, work, |js, info| js.buffer(&info))
    }

    /// `[error, CancelStatus]`, of the query that a FlightInfo message stands for.
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, number | null]>")]
    pub fn cancel_query(&self, env: Env, info: Buffer, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call) = (self.client.clone(), call.resolve()?);
        let info = FlightInfo::decode(info.as_ref()).map_err(|cause| damaged("FlightInfo", cause));
        promise(&env, runtime(self.home), identity, async move { client.cancel(info?, &call).await }, |js, status| js.number(status.into()))
    }

    /// `[error, [handle, result schema, parameter schema, is update]]`, the schemas as encapsulated IPC messages
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, [Buffer, Buffer, Buffer, boolean | null] | null]>")]
    pub fn prepare(&self, env: Env, statement: NativeStatement, transaction: Option<Buffer>, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, transaction) = (self.client.clone(), call.resolve()?, transaction.as_deref().map(id_of));
        promise(
            &env,
            runtime(self.home),
            identity,
            async move { client.prepare(statement.resolve(), transaction, &call).await },
            |js, prepared| {
                let is_update = prepared.is_update.map_or_else(|| js.null(), |is_update| js.boolean(is_update))?;
                let (result, parameters) = (js.buffer(&prepared.result_schema)?, js.buffer(&prepared.parameter_schema)?);
                js.array(&[js.buffer(&prepared.handle)?, result, parameters, is_update])
            },
        )
    }

    /// `[error, null]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, null]>")]
    pub fn close_prepared(&self, env: Env, handle: Buffer, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, handle) = (self.client.clone(), call.resolve()?, id_of(&handle));
        promise(&env, runtime(self.home), identity, async move { client.close_prepared(handle, &call).await }, |js, ()| js.null())
    }

    /// `[error, FlightInfo message]`
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, Buffer | null]>")]
    pub fn execute_prepared(&self, env: Env, handle: Buffer, call: NativeCall) -> Result<Made> {
        self.calls.fetch_add(1, Relaxed);
        let (client, call, handle) = (self.client.clone(), call.resolve()?, id_of(&handle));
        let work = async move { client.execute_prepared(handle, &call).await.map(|info| info.encode_to_vec()) };
        promise(&env, runtime(self.home), identity, work, |js, info| js.buffer(&info))
    }
}
