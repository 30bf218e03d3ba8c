//! The tokio runtimes of the process: shared by all environments, never shut down, so that no environment's end can pull one from under
//! another's calls. Each has one thread; `transport/workers.rs` says why.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Code, Error, Result};
use crate::transport::workers::{Worker, Workers};

/// More than this adds nothing for a client: what a network brings, so many threads receive.
const MOST_WORKERS: usize = 4;

/// Threads for decoding what is heavy and for resolving names, over all runtimes: more at once than there are cores only adds memory.
const LEAST_BLOCKING: usize = 8;

static RUNTIMES: OnceLock<Option<Runtimes>> = OnceLock::new();
static NEXT_HOME: AtomicUsize = AtomicUsize::new(0);

struct Runtimes {
    workers: Vec<Worker>,
    // Never dropped: that would end them.
    _runtimes: Vec<Runtime>,
}

/// Where what belongs to one client, or to none, runs.
///
/// # Errors
/// `OUT_OF_MEMORY` where the system gives no threads.
pub(crate) fn runtime(home: usize) -> Result<&'static Handle> {
    let workers = workers()?;
    Ok(workers[home % workers.len()].handle())
}

/// The next client's home. Clients take turns.
pub(crate) fn next_home() -> usize {
    NEXT_HOME.fetch_add(1, Relaxed)
}

/// All runtimes, the one at `home` first.
///
/// # Errors
/// As [`runtime`].
pub(crate) fn workers_from(home: usize) -> Result<Workers> {
    let workers = workers()?;
    Ok(Workers::new(workers, home % workers.len()))
}

/// Started by the first client. `FLIGHTSQL_WORKER_THREADS` sets their number.
fn workers() -> Result<&'static [Worker]> {
    let runtimes = RUNTIMES.get_or_init(start).as_ref();
    runtimes.map(|runtimes| &*runtimes.workers).ok_or_else(|| Error::new(Code::OutOfMemory, "the system gave no threads to run on"))
}

fn start() -> Option<Runtimes> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let asked = std::env::var("FLIGHTSQL_WORKER_THREADS").ok().and_then(|text| text.parse().ok()).filter(|workers| *workers > 0);
    let count: usize = asked.unwrap_or(cores.min(MOST_WORKERS));
    let blocking = (LEAST_BLOCKING / count).max(4);
    let runtime =
        || Builder::new_multi_thread().worker_threads(1).max_blocking_threads(blocking).thread_name("flightsql").enable_all().build();
    let runtimes: Vec<Runtime> = (0..count).map_while(|_| runtime().ok()).collect();
    if runtimes.is_empty() {
        return None;
    }
    let workers = runtimes.iter().map(|runtime| Worker::new(runtime.handle().clone())).collect();
    Some(Runtimes { workers, _runtimes: runtimes })
}
