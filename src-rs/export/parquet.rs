//! A query into a Parquet file, in bounded memory.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_flight::FlightInfo;
use arrow_schema::Schema;
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use tokio::sync::{mpsc, oneshot};

use super::batches::BatchReader;
use super::parquet_types::ParquetForm;
use crate::error::{Code, EndpointRef, Error, Progress, Result};
use crate::sql::client::Client;
use crate::sql::statement::Statement;
use crate::transport::call::Call;

/// Batches between the reader and the encoder: enough that neither waits for the other's every step.
const QUEUE: usize = 2;

/// What a row group may hold in memory before it is written, however many rows were asked for: wide rows would not be bounded otherwise.
const ROW_GROUP_BYTES: usize = 256 << 20;

/// How many rows are encoded before it is looked whether anybody still wants them.
const STEP_ROWS: usize = 1 << 20;

/// How the file is written.
#[derive(Debug, Clone)]
pub struct ParquetOptions {
    /// `none`, `snappy`, `gzip`, `brotli`, `lz4` or `zstd`.
    pub compression: String,
    /// The codec's own; `None` is its default.
    pub level: Option<i32>,
    pub row_group_rows: usize,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    pub rows: u64,
    pub bytes: u64,
    pub row_groups: u64,
}

/// How far an export is. Read from any thread.
#[derive(Debug, Default)]
pub struct ExportProgress {
    rows: AtomicU64,
    bytes: AtomicU64,
    batches: AtomicU64,
    /// The endpoint whose rows are being encoded.
    endpoint: Mutex<Option<EndpointRef>>,
}

impl ExportProgress {
    /// Names the endpoint whose rows were being encoded, and how much had been, where the error does not. What is wrong with the file is no
    /// endpoint's.
    pub fn locate(&self, error: Error) -> Error {
        if error.code() == Code::Io {
            return error;
        }
        let error = error.after(Progress { batches: self.batches.load(Relaxed), rows: self.rows.load(Relaxed), acknowledged: None });
        match &*self.endpoint.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(endpoint) => error.at_endpoint(endpoint),
            None => error,
        }
    }

    /// Rows and batches encoded, and bytes written to the file.
    pub fn read(&self) -> (u64, u64, u64) {
        (self.rows.load(Relaxed), self.bytes.load(Relaxed), self.batches.load(Relaxed))
    }
}

/// What is written.
#[derive(Debug)]
pub enum Source {
    /// The result of a query that is still to be run.
    Query(Statement),
    /// The result that this stands for.
    Info(Box<FlightInfo>),
}

/// Runs the query, if it is one, and writes the result to `path`: into a file beside it, which takes its place only once it is whole.
///
/// # Errors
/// Those of the query; `UNSUPPORTED_TYPE` naming a column that Parquet cannot hold; `IO_ERROR` where the file cannot be written. Nothing
/// is left behind then.
pub async fn export(
    client: &Client,
    source: Source,
    path: PathBuf,
    options: ParquetOptions,
    call: Call,
    progress: Arc<ExportProgress>,
) -> Result<Summary> {
    let compression = compression(&options)?;
    let opening = async {
        let info = match source {
            Source::Query(query) => client.execute(query, None, &call).await?,
            Source::Info(info) => *info,
        };
        BatchReader::open(client.read(info, call.clone())?).await
    };
    let mut batches = call.bound(opening).await?;
    let form = ParquetForm::new(batches.schema())?;
    let properties = properties(compression, options.row_group_rows, form.schema());
    let (sender, receiver) = mpsc::channel(QUEUE);
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let located = Arc::clone(&progress);
    let mut encoder = encoder(move |error| located.locate(error), move || encode(&path, &form, properties, receiver, &stopped, &progress))?;
    let feeding = async move {
        while let Some(batch) = batches.next().await? {
            // The encoder only goes away with a reason, which it returns.
            if sender.send(Message::Batch(batch, batches.endpoint().cloned())).await.is_err() {
                return Ok(());
            }
        }
        let _ = sender.send(Message::End).await;
        Ok(())
    };
    let fed = async {
        call.bound(feeding).await?;
        // The last batches may take longer than the caller has time for.
        call.bound(async { Ok((&mut encoder).await) }).await
    };
    let ended = match fed.await {
        Ok(ended) => ended,
        Err(error) => {
            stop.store(true, Relaxed);
            // Waited for, so that nothing is left behind once this returns. It may have been done already: then it is too late to give up.
            return match encoder.await {
                Ok(Ok(summary)) => Ok(summary),
                _ => Err(error),
            };
        }
    };
    ended.unwrap_or_else(|_| Err(Error::new(Code::Panic, "the encoder ended without a word")))
}

/// Runs an encoder on a thread of its own: on the threads that decoding shares, enough exports at once would leave none for it.
fn encoder(
    locate: impl Fn(Error) -> Error + Send + 'static,
    work: impl FnOnce() -> Result<Summary> + Send + 'static,
) -> Result<oneshot::Receiver<Result<Summary>>> {
    let (sender, receiver) = oneshot::channel();
    let run = move || {
        let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Error::of_panic(panic.as_ref())));
        // Nobody waits any more where the runtime's task is gone.
        let _ = sender.send(result.map_err(locate));
    };
    std::thread::Builder::new()
        .name("flightsql-export".to_owned())
        .spawn(run)
        .map_err(|cause| Error::new(Code::OutOfMemory, "the system gave no thread for the export").with_cause(cause))?;
    Ok(receiver)
}

enum Message {
    /// With the endpoint that it came from.
    Batch(RecordBatch, Option<EndpointRef>),
    /// The result is complete. A channel that closes without it means that it failed or was cancelled.
    End,
}

/// Runs on a thread of its own until the result ends.
fn encode(
    path: &Path,
    form: &ParquetForm,
    properties: WriterProperties,
    mut batches: mpsc::Receiver<Message>,
    stop: &AtomicBool,
    progress: &ExportProgress,
) -> Result<Summary> {
    #[cfg(feature = "test-hooks")]
    crate::faults::panic_if_armed(crate::faults::Place::ExportTask);
    let part = PartFile::create(path)?;
    let mut file = CountingFile { inner: BufWriter::with_capacity(1 << 20, part.open()?), progress };
    let failed = |cause: ParquetError| write_failed(path, cause);
    let mut writer = ArrowWriter::try_new(&mut file, Arc::clone(form.schema()), Some(properties)).map_err(failed)?;
    let mut rows = 0;
    loop {
        match batches.blocking_recv() {
            Some(Message::Batch(batch, endpoint)) => {
                *progress.endpoint.lock().unwrap_or_else(PoisonError::into_inner) = endpoint;
                #[cfg(feature = "test-hooks")]
                crate::faults::panic_if_armed(crate::faults::Place::ExportBatch);
                // In steps: a batch may have more rows than can be encoded in any time, and the caller may give up.
                for start in (0..batch.num_rows()).step_by(STEP_ROWS) {
                    if stop.load(Relaxed) {
                        return Err(Error::cancelled());
                    }
                    let step = batch.slice(start, STEP_ROWS.min(batch.num_rows() - start));
                    rows += step.num_rows() as u64;
                    writer.write(&form.batch(step)?).map_err(failed)?;
                    if writer.in_progress_size() > ROW_GROUP_BYTES {
                        writer.flush().map_err(failed)?;
                    }
                    progress.rows.store(rows, Relaxed);
                }
                progress.batches.fetch_add(1, Relaxed);
            }
            Some(Message::End) => break,
            None => return Err(Error::cancelled()),
        }
    }
    let written = writer.close().map_err(failed)?;
    let row_groups = written.num_row_groups() as u64;
    let file = file.inner.into_inner().map_err(|cause| io_failed(path, cause.into_error()))?;
    file.sync_all().map_err(|cause| io_failed(path, cause))?;
    let bytes = file.metadata().map_err(|cause| io_failed(path, cause))?.len();
    if stop.load(Relaxed) {
        return Err(Error::cancelled());
    }
    part.keep(path)?;
    Ok(Summary { rows, bytes, row_groups })
}

/// The file beside the one that is asked for; removed unless it is kept.
struct PartFile {
    path: PathBuf,
    is_kept: bool,
}

impl PartFile {
    fn create(target: &Path) -> Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = target
            .file_name()
            .ok_or_else(|| Error::new(Code::InvalidOption, format!("'{}' names no file to write to", target.display())))?;
        let mut part = name.to_owned();
        part.push(format!(".{}-{}.part", std::process::id(), NEXT.fetch_add(1, Relaxed)));
        Ok(Self { path: target.with_file_name(part), is_kept: false })
    }

    fn open(&self) -> Result<File> {
        File::options().write(true).create_new(true).open(&self.path).map_err(|cause| io_failed(&self.path, cause))
    }

    fn keep(mut self, target: &Path) -> Result<()> {
        std::fs::rename(&self.path, target).map_err(|cause| io_failed(target, cause))?;
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.is_kept {
            // It may never have been made.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

struct CountingFile<'a> {
    inner: BufWriter<File>,
    progress: &'a ExportProgress,
}

impl Write for CountingFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.progress.bytes.fetch_add(count as u64, Relaxed);
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// The schema's metadata is written in Parquet's own place too: readers look for it there.
fn properties(compression: Compression, row_group_rows: usize, schema: &Schema) -> WriterProperties {
    let pairs: Vec<KeyValue> = schema.metadata().iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
    WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(row_group_rows))
        .set_key_value_metadata((!pairs.is_empty()).then_some(pairs))
        .build()
}

fn compression(options: &ParquetOptions) -> Result<Compression> {
    let level = |cause: ParquetError| {
        Error::new(
            Code::InvalidOption,
            format!("compression level {} is none of {}'s: {cause}", options.level.unwrap_or_default(), options.compression),
        )
    };
    let unsigned = || options.level.map(|level| u32::try_from(level).unwrap_or(u32::MAX));
    Ok(match options.compression.as_str() {
        "none" => Compression::UNCOMPRESSED,
        "snappy" => Compression::SNAPPY,
        "lz4" => Compression::LZ4_RAW,
        "gzip" => Compression::GZIP(unsigned().map_or(Ok(GzipLevel::default()), GzipLevel::try_new).map_err(level)?),
        "brotli" => Compression::BROTLI(unsigned().map_or(Ok(BrotliLevel::default()), BrotliLevel::try_new).map_err(level)?),
        "zstd" => Compression::ZSTD(options.level.map_or(ZstdLevel::try_new(3), ZstdLevel::try_new).map_err(level)?),
        other => {
            return Err(Error::new(
                Code::InvalidOption,
                format!("compression '{other}' is unknown; none, snappy, gzip, brotli, lz4 and zstd are"),
            ));
        }
    })
}

fn write_failed(path: &Path, cause: ParquetError) -> Error {
    match cause {
        ParquetError::External(inner) if inner.is::<std::io::Error>() => {
            Error::new(Code::Io, format!("'{}' could not be written: {inner}", path.display())).with_cause(inner)
        }
        other => Error::new(Code::Io, format!("'{}' could not be encoded: {other}", path.display())).with_cause(other),
    }
}

fn io_failed(path: &Path, cause: std::io::Error) -> Error {
    Error::new(Code::Io, format!("'{}' could not be written: {cause}", path.display())).with_cause(cause)
}

#[cfg(test)]
#[path = "parquet_test.rs"]
mod tests;
