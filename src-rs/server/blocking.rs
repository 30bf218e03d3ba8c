//! Runs what blocks on a thread that may, and stops it when nobody waits for it any more.

use std::sync::Arc;

use tonic::Status;

use super::sqlite::Stopper;
use super::state::State;

/// Runs `work`, which blocks on SQLite. If the caller goes away first, `work` is stopped.
pub(super) async fn run<T: Send + 'static>(
    state: &Arc<State>,
    work: impl FnOnce(&Arc<State>, &Stopper) -> Result<T, Status> + Send + 'static,
) -> Result<T, Status> {
    run_stopped_by(Stopper::default(), state, work).await
}

/// The same for work that `stopper` stops already.
pub(super) async fn run_stopped_by<T: Send + 'static>(
    stopper: Stopper,
    state: &Arc<State>,
    work: impl FnOnce(&Arc<State>, &Stopper) -> Result<T, Status> + Send + 'static,
) -> Result<T, Status> {
    let mut abandoned = StopWhenDropped(Some(stopper.clone()));
    let state = Arc::clone(state);
    let result = tokio::task::spawn_blocking(move || {
        let _counted = state.counters.computing.count();
        work(&state, &stopper)
    })
    .await;
    abandoned.0 = None;
    result.unwrap_or_else(|error| Err(Status::internal(format!("the statement failed: {error}"))))
}

struct StopWhenDropped(Option<Stopper>);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        if let Some(stopper) = &self.0 {
            stopper.stop();
        }
    }
}
