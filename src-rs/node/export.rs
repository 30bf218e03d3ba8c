//! An export under way.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use napi::Result;
use napi::bindgen_prelude::Env;
use napi_derive::napi;
use tokio::task::JoinHandle;
use tokio_util::sync::DropGuard;

use super::completion::promise;
use super::runtime::runtime;
use super::values::Made;
use crate::error::Error;
use crate::export::parquet::{ExportProgress, ParquetOptions, Source, Summary, export};
use crate::sql::client::Client;
use crate::transport::call::Call;

/// See `docs/internals/boundary.md`.
#[napi(object, use_nullable = true)]
pub struct NativeParquetOptions {
    pub compression: String,
    pub compression_level: Option<i32>,
    pub row_group_rows: f64,
}

/// What has been written so far.
#[napi(object)]
pub struct NativeProgress {
    pub rows: f64,
    pub bytes: f64,
    pub batches: f64,
}

/// A query on its way into a file. The call's cancellation ends it, and so does its environment's end.
#[napi]
pub struct NativeExport {
    progress: Arc<ExportProgress>,
    guard: Arc<DropGuard>,
    task: Arc<Mutex<Option<JoinHandle<crate::Result<Summary>>>>>,
    /// Which runtime it runs on.
    home: usize,
}

impl NativeExport {
    pub(crate) fn start(
        client: Client,
        home: usize,
        source: Source,
        path: String,
        options: NativeParquetOptions,
        call: Call,
    ) -> Result<Self> {
        let runtime = runtime(home).map_err(|error| super::options::invalid(super::error::error_text(&error)))?;
        let token = call.cancellation.child_token();
        let call = Call { cancellation: token.clone(), ..call };
        let progress = Arc::new(ExportProgress::default());
        let shared = Arc::clone(&progress);
        let options = ParquetOptions {
            compression: options.compression,
            level: options.compression_level,
            row_group_rows: options.row_group_rows as usize,
        };
        let task = runtime.spawn(async move { export(&client, source, PathBuf::from(path), options, call, shared).await });
        Ok(Self { progress, guard: Arc::new(token.drop_guard()), task: Arc::new(Mutex::new(Some(task))), home })
    }
}

#[napi]
impl NativeExport {
    #[napi(catch_unwind)]
    pub fn progress(&self) -> NativeProgress {
        let (rows, bytes, batches) = self.progress.read();
        NativeProgress { rows: rows as f64, bytes: bytes as f64, batches: batches as f64 }
    }

    /// `[error, { rows, bytes, rowGroups }]`, all of them bigint. Once.
    #[napi(catch_unwind, ts_return_type = "Promise<[string | null, { rows: bigint, bytes: bigint, rowGroups: bigint } | null]>")]
    pub fn finish(&self, env: Env) -> Result<Made> {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        let guard = Arc::clone(&self.guard);
        let work = async move {
            // Whoever waits keeps the export alive, whether or not this object is still used.
            let _guard = guard;
            let task = task.ok_or_else(|| Error::new(crate::Code::Closed, "the export was waited for already"))?;
            match task.await {
                Ok(result) => result,
                Err(failed) => Err(Error::of_task(failed)),
            }
        };
        let progress = Arc::clone(&self.progress);
        promise(
            &env,
            runtime(self.home),
            move |error| progress.locate(error),
            work,
            |js, summary| {
                js.object(&[("rows", js.big(summary.rows)?), ("bytes", js.big(summary.bytes)?), ("rowGroups", js.big(summary.row_groups)?)])
            },
        )
    }
}
