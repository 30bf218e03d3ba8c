//! The one tokio runtime of the process: shared by all environments, never shut down, so that no environment's end can pull it from
//! under another's calls.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

use crate::error::{Code, Error, Result};

/// Workers beyond this add nothing for a client: one connection is one task.
const MOST_WORKERS: usize = 4;

static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();

/// The runtime, started by the first call. `FLIGHTSQL_WORKER_THREADS` sets the number of its workers.
///
/// # Errors
/// `OUT_OF_MEMORY` where the system gives no threads.
pub(crate) fn runtime() -> Result<&'static Runtime> {
    RUNTIME.get_or_init(start).as_ref().ok_or_else(|| Error::new(Code::OutOfMemory, "the system gave no threads to run on"))
}

fn start() -> Option<Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let asked = std::env::var("FLIGHTSQL_WORKER_THREADS").ok().and_then(|text| text.parse().ok()).filter(|workers| *workers > 0);
    let workers = asked.unwrap_or(cores.min(MOST_WORKERS));
    Builder::new_multi_thread()
        .worker_threads(workers)
        // Decoding and export: more at once than there are cores only adds memory.
        .max_blocking_threads(workers.max(2) * 4)
        .thread_name("flightsql")
        .enable_all()
        .build()
        .ok()
}
