//! Who drives h2: the task of the connection, and for the length of a call whoever has something to send and cannot wait for that task.
//!
//! A frame that is given to h2 is written by the next turn of the connection's task, on another thread, which has to be woken for it; and until then its
//! bytes have to stay where they are. [`Driver::here`] gives h2 its turn on the thread that has the bytes: the kernel copies them, and nobody else does.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst, fence};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::task::{Context, Poll, Wake, Waker};

use futures::task::AtomicWaker;
use h2::client;

use super::direct_io::DirectIo;
use super::part::Part;
use super::socket::OpenSocket;

type Connection = client::Connection<DirectIo<OpenSocket>, Part>;
type Ended = std::result::Result<(), h2::Error>;

/// A connection, to be driven by one at a time.
pub(super) struct Driver {
    connection: Mutex<State>,
    waker: Waker,
    wakeup: Arc<Wakeup>,
    /// The task had nothing to drive, as somebody else did.
    is_wanted: AtomicBool,
    /// How often somebody else did since, and 1 more; 0 where the task has had its turn.
    passed_over: AtomicUsize,
}

/// How often in a row the task may find the connection driven elsewhere: what comes is its to read.
const MOST_PASSED_OVER: usize = 32;

enum State {
    Open(Box<Connection>),
    /// Until its task has heard it.
    Ended(Option<Ended>),
}

/// What h2 wakes when there is something to do.
#[derive(Default)]
struct Wakeup {
    task: AtomicWaker,
}

thread_local! {
    /// What is driven here at this moment, and whether h2 wanted to be driven further.
    static HERE: Cell<(*const Wakeup, bool)> = const { Cell::new((ptr::null(), false)) };
}

impl Wake for Wakeup {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Only what this very thread does is left to it: what is there to read is the task's.
        if HERE.get().0 == Arc::as_ptr(self) {
            HERE.set((Arc::as_ptr(self), true));
        } else {
            self.task.wake();
        }
    }
}

/// Has what is driven here looked after by its task too.
pub(super) fn wake_here() {
    HERE.set((HERE.get().0, true));
}

/// Whether h2 is driven on this thread by [`Driver::here`], which writes and reads nothing.
pub(super) fn is_here() -> bool {
    !HERE.get().0.is_null()
}

/// The time in which it is.
struct Here;

impl Here {
    fn begin(wakeup: &Arc<Wakeup>) -> Self {
        HERE.set((Arc::as_ptr(wakeup), false));
        Self
    }

    /// Forgets what h2 wanted so far.
    fn forget(&self) {
        HERE.set((HERE.get().0, false));
    }

    fn is_woken(&self) -> bool {
        HERE.get().1
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        HERE.set((ptr::null(), false));
    }
}

/// The end of driving elsewhere, once the lock is free again.
struct Leaving<'a> {
    driver: &'a Driver,
    is_woken: bool,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        fence(SeqCst);
        // Where h2 has panicked, the task ends the connection.
        if self.driver.is_wanted.swap(false, SeqCst) || self.is_woken || std::thread::panicking() {
            self.driver.wakeup.task.wake();
        }
    }
}

impl Driver {
    pub(super) fn new(connection: Connection) -> Self {
        let wakeup = Arc::<Wakeup>::default();
        let waker = Waker::from(Arc::clone(&wakeup));
        Self {
            connection: Mutex::new(State::Open(Box::new(connection))),
            waker,
            wakeup,
            is_wanted: AtomicBool::new(false),
            passed_over: AtomicUsize::new(0),
        }
    }

    /// Has `send` give h2 something, and h2 write as much of it as the socket takes; `sent` learns of that before anybody else drives. `None` where
    /// somebody else does or should, or the connection has ended; nothing is driven where `send` gives nothing.
    pub(super) fn here<S, T>(&self, send: impl FnOnce() -> Option<S>, sent: impl FnOnce(S) -> T) -> Option<Option<T>> {
        // Behind everything else, whatever happens: the task may have found the lock taken.
        let mut leaving = Leaving { driver: self, is_woken: false };
        if self.passes_over() {
            return None;
        }
        let mut state = self.connection.try_lock().ok()?;
        let State::Open(connection) = &mut *state else { return None };
        let here = Here::begin(&self.wakeup);
        let Some(given) = send() else {
            leaving.is_woken = here.is_woken();
            return Some(None);
        };
        here.forget();
        let driven = Pin::new(&mut **connection).poll(&mut Context::from_waker(&self.waker));
        let given = sent(given);
        leaving.is_woken = here.is_woken() || driven.is_ready();
        drop(here);
        if let Poll::Ready(ended) = driven {
            *state = State::Ended(Some(ended));
        }
        Some(Some(given))
    }

    /// Whether the task has been passed over often enough.
    fn passes_over(&self) -> bool {
        let so_far = self.passed_over.load(SeqCst);
        if (1..=MOST_PASSED_OVER).contains(&so_far) {
            // Where the task has its turn right now, it begins anew.
            let _ = self.passed_over.compare_exchange(so_far, so_far + 1, SeqCst, SeqCst);
        }
        so_far > MOST_PASSED_OVER
    }

    /// One turn of the connection's task.
    pub(super) fn poll(&self, context: &mut Context<'_>) -> Poll<Ended> {
        self.wakeup.task.register(context.waker());
        let Some(mut state) = self.state() else { return Poll::Pending };
        let ended = match &mut *state {
            State::Open(connection) => match Pin::new(&mut **connection).poll(&mut Context::from_waker(&self.waker)) {
                Poll::Ready(ended) => ended,
                Poll::Pending => return Poll::Pending,
            },
            State::Ended(ended) => ended.take().unwrap_or(Ok(())),
        };
        *state = State::Ended(None);
        Poll::Ready(ended)
    }

    /// The connection, unless somebody else drives it, who wakes the task afterwards.
    fn state(&self) -> Option<MutexGuard<'_, State>> {
        for _ in 0..2 {
            match self.connection.try_lock() {
                Ok(state) => {
                    self.passed_over.store(0, SeqCst);
                    return Some(state);
                }
                // What has panicked is not driven further.
                Err(TryLockError::Poisoned(poisoned)) => {
                    let mut state = poisoned.into_inner();
                    *state = State::Ended(None);
                    return Some(state);
                }
                Err(TryLockError::WouldBlock) => {
                    let _ = self.passed_over.compare_exchange(0, 1, SeqCst, SeqCst);
                    self.is_wanted.store(true, SeqCst);
                    fence(SeqCst);
                }
            }
        }
        None
    }
}
