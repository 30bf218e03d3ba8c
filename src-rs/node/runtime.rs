//! The tokio runtimes of the process: shared by all environments, never shut down, so that no environment's end can pull one from under
//! another's calls. Each has one thread; `transport/workers.rs` says why.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Code, Error, Result};
use crate::transport::workers::{Worker, Workers};

/// More than this adds nothing for a client: what a network brings, so many threads receive.
const MOST_WORKERS: usize = 4;

/// What may be asked for: each costs three file descriptors, and each may have a connection of every client.
const MOST_ASKED: usize = 64;

/// How many tasks run before a thread looks at its sockets again. Each may copy and decode a frame of 1 MiB: tokio's own 61 of those would be
/// felt by short calls beside them.
const TASKS_BETWEEN_EVENTS: u32 = 16;

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
    let count: usize = asked.unwrap_or(cores.min(MOST_WORKERS)).min(MOST_ASKED);
    let blocking = (LEAST_BLOCKING / count).max(4);
    // Where the system gives no thread, tokio panics. Those that there are will do.
    let runtimes: Vec<Runtime> = (0..count).map_while(|_| std::panic::catch_unwind(|| runtime_of_one_thread(blocking)).ok()?).collect();
    if runtimes.is_empty() {
        return None;
    }
    let workers = runtimes.iter().map(|runtime| Worker::new(runtime.handle().clone())).collect();
    Some(Runtimes { workers, _runtimes: runtimes })
}

fn runtime_of_one_thread(blocking: usize) -> Option<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(blocking)
        .event_interval(TASKS_BETWEEN_EVENTS)
        .thread_name("flightsql")
        .enable_all()
        .build()
        .ok()
}
