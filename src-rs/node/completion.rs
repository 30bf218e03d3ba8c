//! How asynchronous work comes back to JavaScript: one queue per environment, drained on its thread.
//!
//! Why not a threadsafe function per promise: making one costs more than the rest of a small call, and calling one whose environment has
//! just ended is a use after free in older Node versions. Here there is one per environment, reached through a lock that the
//! environment's end takes first. It keeps Node alive exactly while a call is pending.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::c_void;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use napi::{Env, Status, sys};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::error::error_text;
use super::values::{JsThread, Made, check};
use crate::error::{EndpointRef, Error};

type Job = Box<dyn FnOnce(JsThread) + Send>;

/// An environment's queue.
struct Queue {
    jobs: Mutex<Vec<Job>>,
    /// `None` once the environment has ended.
    wake: Mutex<Option<Wake>>,
    /// Calls that have not been answered; changed on the environment's thread only.
    pending: AtomicUsize,
    /// Fires when the environment ends: nobody waits for its calls any more.
    ended: CancellationToken,
}

#[derive(Clone, Copy)]
struct Wake(sys::napi_threadsafe_function);

// SAFETY: a threadsafe function may be called from any thread; that it still exists is what the lock around it is for.
unsafe impl Send for Wake {}

thread_local! {
    /// By environment: a thread may have several.
    static QUEUES: RefCell<HashMap<usize, Arc<Queue>>> = RefCell::default();
}

/// A promise under way. Node's handle is bound to its environment, but may be carried by any thread.
struct Deferred(sys::napi_deferred);

// SAFETY: it is used only by jobs, which run on the environment's thread while that is alive.
unsafe impl Send for Deferred {}

/// What Node refused to make of an answer, and the endpoint that it was of, where that is known.
pub(crate) struct Refusal {
    cause: napi::Error,
    endpoint: Option<EndpointRef>,
}

impl Refusal {
    pub(crate) fn of_endpoint(cause: napi::Error, endpoint: &EndpointRef) -> Self {
        Self { cause, endpoint: Some(endpoint.clone()) }
    }

    fn into_error(self) -> Error {
        let error = Error::new(crate::Code::OutOfMemory, format!("the result could not be handed over: {}", self.cause));
        match &self.endpoint {
            Some(endpoint) => error.at_endpoint(endpoint),
            None => error,
        }
    }
}

impl From<napi::Error> for Refusal {
    fn from(cause: napi::Error) -> Self {
        Self { cause, endpoint: None }
    }
}

/// Runs `work` on `runtime` and answers with a promise of `[error, value]`; `finish` makes the value, on the JavaScript thread. Of what goes
/// wrong beside the work, a panic or memory that Node refuses, `locate` says where that was, as far as the refusal does not.
pub(crate) fn promise<T: Send + 'static, R: Into<Refusal>>(
    env: &Env,
    runtime: crate::Result<&'static Handle>,
    locate: impl Fn(Error) -> Error + Send + 'static,
    work: impl Future<Output = crate::Result<T>> + Send + 'static,
    finish: impl FnOnce(JsThread, T) -> Result<sys::napi_value, R> + Send + 'static,
) -> napi::Result<Made> {
    let queue = Queue::of(env)?;
    let (mut deferred, mut promise) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: `env` is this thread's environment, which is calling us.
    check(unsafe { sys::napi_create_promise(env.raw(), &mut deferred, &mut promise) })?;
    let deferred = Deferred(deferred);
    queue.begin(env.raw());
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            queue.complete(Box::new(move |js| settle::<T, R>(js, deferred, Err(error), locate, finish)));
            return Ok(Made(promise));
        }
    };
    runtime.spawn(async move {
        let work = async {
            #[cfg(feature = "test-hooks")]
            crate::faults::panic_if_armed(crate::faults::Place::CallTask);
            work.await
        };
        let ended = queue.ended.clone();
        let Some(outcome) = ended.run_until_cancelled(AssertUnwindSafe(work).catch_unwind()).await else { return };
        let outcome = outcome.unwrap_or_else(|panic| Err(locate(Error::of_panic(panic.as_ref()))));
        queue.complete(Box::new(move |js| settle(js, deferred, outcome, locate, finish)));
    });
    Ok(Made(promise))
}

/// What a call answers with, in place of a promise, that has nothing to say and nothing to wait for.
pub(crate) fn nothing(env: &Env) -> napi::Result<Made> {
    // SAFETY: `env` is this thread's environment, which is calling us, within a handle scope.
    unsafe { JsThread::new(env.raw()) }.null().map(Made)
}

/// Resolves a promise with `[error, value]`.
fn settle<T, R: Into<Refusal>>(
    js: JsThread,
    deferred: Deferred,
    outcome: crate::Result<T>,
    locate: impl Fn(Error) -> Error,
    finish: impl FnOnce(JsThread, T) -> Result<sys::napi_value, R>,
) {
    let made = catch_unwind(AssertUnwindSafe(|| -> Result<sys::napi_value, Refusal> {
        #[cfg(feature = "test-hooks")]
        crate::faults::panic_if_armed(crate::faults::Place::Completion);
        match outcome {
            Ok(value) => Ok(js.array(&[js.null()?, finish(js, value).map_err(Into::into)?])?),
            Err(error) => Ok(js.array(&[js.string(&error_text(&error))?, js.null()?])?),
        }
    }));
    let pair = match made {
        Ok(Ok(pair)) => Ok(pair),
        Ok(Err(refused)) => failed_pair(js, &locate(refused.into_error())),
        Err(panic) => failed_pair(js, &locate(Error::of_panic(panic.as_ref()))),
    };
    // Where not even an error can be made, the environment is ending, and nobody waits any more.
    if let Ok(pair) = pair {
        // SAFETY: this is the environment's thread, and the promise is settled here only.
        unsafe { sys::napi_resolve_deferred(js.env(), deferred.0, pair) };
    }
}

fn failed_pair(js: JsThread, error: &Error) -> napi::Result<sys::napi_value> {
    js.array(&[js.string(&error_text(error))?, js.null()?])
}

impl Queue {
    /// The queue of an environment, made by its first call.
    fn of(env: &Env) -> napi::Result<Arc<Self>> {
        let key = env.raw() as usize;
        if let Some(queue) = QUEUES.with_borrow(|queues| queues.get(&key).cloned()) {
            return Ok(queue);
        }
        let queue = Arc::new(Self {
            jobs: Mutex::default(),
            wake: Mutex::new(None),
            pending: AtomicUsize::new(0),
            ended: CancellationToken::new(),
        });
        let wake = make_wake(env.raw(), &queue)?;
        *queue.wake.lock().unwrap_or_else(PoisonError::into_inner) = Some(wake);
        // Registered after the threadsafe function, and so run before its end.
        let ended = Arc::into_raw(Arc::clone(&queue));
        // SAFETY: this is the environment's thread; the hook gets the share of the queue that it frees.
        check(unsafe { sys::napi_add_env_cleanup_hook(env.raw(), Some(environment_ended), ended.cast_mut().cast()) })?;
        QUEUES.with_borrow_mut(|queues| queues.insert(key, Arc::clone(&queue)));
        Ok(queue)
    }

    /// A call begins. Only on the environment's thread.
    fn begin(&self, env: sys::napi_env) {
        if self.pending.fetch_add(1, Relaxed) == 0
            && let Some(wake) = *self.wake.lock().unwrap_or_else(PoisonError::into_inner)
        {
            // SAFETY: this is the environment's thread, and the function exists while the lock holds it.
            unsafe { sys::napi_ref_threadsafe_function(env, wake.0) };
        }
    }

    /// A call was answered. Only on the environment's thread.
    fn end(&self, env: sys::napi_env) {
        if self.pending.fetch_sub(1, Relaxed) == 1
            && let Some(wake) = *self.wake.lock().unwrap_or_else(PoisonError::into_inner)
        {
            // SAFETY: as in `begin`.
            unsafe { sys::napi_unref_threadsafe_function(env, wake.0) };
        }
    }

    /// Brings a job to the environment's thread; drops it where the environment has ended.
    fn complete(&self, job: Job) {
        let wake = self.wake.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(function) = *wake else { return };
        let is_first = {
            let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            jobs.push(job);
            jobs.len() == 1
        };
        if is_first {
            // SAFETY: the function exists while the lock is held: the environment's end takes it away under the same lock.
            unsafe { sys::napi_call_threadsafe_function(function.0, ptr::null_mut(), sys::ThreadsafeFunctionCallMode::nonblocking) };
        }
    }
}

/// The threadsafe function that wakes an environment; it does not keep Node alive by itself.
fn make_wake(env: sys::napi_env, queue: &Arc<Queue>) -> napi::Result<Wake> {
    const NAME: &str = "flightsql";
    let mut name = ptr::null_mut();
    // SAFETY: this is the environment's thread; the text lives for the call.
    check(unsafe { sys::napi_create_string_utf8(env, NAME.as_ptr().cast(), NAME.len() as isize, &mut name) })?;
    let context = Arc::into_raw(Arc::clone(queue)).cast_mut().cast::<c_void>();
    let mut function = ptr::null_mut();
    // SAFETY: as above; `context` is a share of the queue, freed by `wake_ended`.
    let status = unsafe {
        sys::napi_create_threadsafe_function(
            env,
            ptr::null_mut(),
            ptr::null_mut(),
            name,
            0,
            1,
            context,
            Some(wake_ended),
            context,
            Some(woken),
            &mut function,
        )
    };
    if status != sys::Status::napi_ok {
        // SAFETY: no function was made that could free it.
        drop(unsafe { Arc::from_raw(context.cast::<Queue>()) });
        return Err(napi::Error::new(Status::from(status), "Node refused to make a threadsafe function"));
    }
    // SAFETY: this is the environment's thread.
    check(unsafe { sys::napi_unref_threadsafe_function(env, function) })?;
    Ok(Wake(function))
}

/// Runs what has been completed. Called by Node on the environment's thread, with a handle scope open; without an environment when that
/// is ending.
unsafe extern "C" fn woken(env: sys::napi_env, _callback: sys::napi_value, context: *mut c_void, _data: *mut c_void) {
    // SAFETY: `context` is the queue, alive until `wake_ended`.
    let queue = unsafe { &*context.cast::<Queue>() };
    let jobs = std::mem::take(&mut *queue.jobs.lock().unwrap_or_else(PoisonError::into_inner));
    if env.is_null() {
        return;
    }
    // SAFETY: Node calls this on the environment's thread within a handle scope.
    let js = unsafe { JsThread::new(env) };
    for job in jobs {
        // `settle` catches panics already; this one is for what it is made of. None may unwind into Node.
        let _ = catch_unwind(AssertUnwindSafe(|| job(js)));
        queue.end(env);
    }
}

unsafe extern "C" fn wake_ended(_env: sys::napi_env, context: *mut c_void, _hint: *mut c_void) {
    // SAFETY: the share that `make_wake` gave away; Node calls this once.
    drop(unsafe { Arc::from_raw(context.cast::<Queue>()) });
}

/// The environment ends: from here on nothing may be called in it.
unsafe extern "C" fn environment_ended(queue: *mut c_void) {
    // SAFETY: the share that `Queue::of` gave away; Node calls this once, on the environment's thread.
    let queue = unsafe { Arc::from_raw(queue.cast::<Queue>()) };
    queue.wake.lock().unwrap_or_else(PoisonError::into_inner).take();
    queue.ended.cancel();
    let jobs = std::mem::take(&mut *queue.jobs.lock().unwrap_or_else(PoisonError::into_inner));
    drop(jobs);
    // Thread-locals may be gone already when a whole thread ends.
    let _ = QUEUES.try_with(|queues| queues.borrow_mut().retain(|_, known| !Arc::ptr_eq(known, &queue)));
}
