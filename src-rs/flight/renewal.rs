//! Endpoints that expire, renewed for as long as somebody waits for their turn or reads them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arrow_flight::{Action, FlightEndpoint, RenewFlightEndpointRequest};
use prost::Message;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::error::{Code, Error, Result};
use crate::transport::call::Call;
use crate::transport::hosts::Hosts;

const RENEW: &str = "RenewFlightEndpoint";

/// An endpoint with less than this left is renewed before it is read: the call that reads it takes time too, and no two clocks agree.
const ABOUT_TO_EXPIRE: Duration = Duration::from_secs(2);

/// The shortest pause between two renewals, whatever the server says, and the longest where they gain nothing: where its clock is far behind.
const LEAST_PAUSE: Duration = Duration::from_millis(250);
const MOST_PAUSE: Duration = Duration::from_secs(60);

/// Timers do not reach further than some years; nobody needs them to.
const FARTHEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long a renewal may take. What waits to be read waits for it no longer.
const RENEW_TIMEOUT: Duration = Duration::from_secs(5);

/// How many endpoints of a result are renewed at once: there may be a thousand, which all expire together.
const AT_A_TIME: usize = 4;

/// Renews the endpoints of one result.
#[derive(Clone)]
pub(super) struct Renewer {
    hosts: Arc<Hosts>,
    call: Call,
    /// The server knows no renewal, and is not asked again.
    is_refused: Arc<AtomicBool>,
    turns: Arc<Semaphore>,
}

/// An endpoint as the server last gave it. Dropping it ends its renewal.
pub(super) enum KeptEndpoint {
    /// It does not expire, or nobody wants it renewed.
    Fixed(Box<FlightEndpoint>),
    Renewed {
        newest: watch::Receiver<Newest>,
        _stop: DropGuard,
    },
}

#[derive(Debug, Clone)]
pub(super) struct Newest {
    endpoint: FlightEndpoint,
    /// Whether it may be read: it is good for some time, or no renewal makes it better.
    is_ready: bool,
}

impl Renewer {
    pub(super) fn new(hosts: Arc<Hosts>, call: Call) -> Self {
        Self { hosts, call, is_refused: Arc::default(), turns: Arc::new(Semaphore::new(AT_A_TIME)) }
    }

    /// Begins to look after an endpoint. Must be called within a tokio runtime.
    pub(super) fn keep(&self, endpoint: FlightEndpoint) -> KeptEndpoint {
        let Some(left) = left_of(&endpoint) else { return KeptEndpoint::Fixed(Box::new(endpoint)) };
        let token = self.call.cancellation.child_token();
        let is_ready = left > ABOUT_TO_EXPIRE;
        let (publish, newest) = watch::channel(Newest { endpoint, is_ready });
        let renewer = Self { call: Call { cancellation: token.clone(), ..self.call.clone() }, ..self.clone() };
        tokio::spawn(async move { renewer.run(&publish).await });
        KeptEndpoint::Renewed { newest, _stop: CancellationToken::drop_guard(token) }
    }

    /// Renews until the server does not, or nobody wants the endpoint any more.
    async fn run(&self, publish: &watch::Sender<Newest>) {
        let mut idle = LEAST_PAUSE;
        loop {
            let (left, is_ready) = {
                let newest = publish.borrow();
                (left_of(&newest.endpoint), newest.is_ready)
            };
            // It may have become one that does not expire.
            let Some(left) = left else { return };
            if is_ready {
                tokio::select! {
                    biased;
                    () = self.call.cancellation.cancelled() => return,
                    () = tokio::time::sleep(pause(left, &mut idle)) => {}
                }
            }
            let endpoint = publish.borrow().endpoint.clone();
            let outcome = self.renew(endpoint).await;
            let goes_on = match &outcome {
                Ok(_) => true,
                // It may be reached again before the endpoint has expired.
                Err(error) => error.is_retryable() || error.code() == Code::DeadlineExceeded,
            };
            publish.send_modify(|newest| {
                newest.is_ready = true;
                if let Ok(renewed) = outcome {
                    newest.endpoint = renewed;
                }
            });
            if !goes_on {
                return;
            }
        }
    }

    async fn renew(&self, endpoint: FlightEndpoint) -> Result<FlightEndpoint> {
        let latest = Instant::now() + RENEW_TIMEOUT;
        let call = Call { deadline: Some(self.call.deadline.map_or(latest, |deadline| deadline.min(latest))), ..self.call.clone() };
        let ticket = endpoint.ticket.clone();
        let body = RenewFlightEndpointRequest { endpoint: Some(endpoint) }.encode_to_vec().into();
        let work = async {
            let _turn = self.turns.acquire().await;
            if self.is_refused.load(Relaxed) {
                return Err(Error::new(Code::Unimplemented, "the server knows no renewal"));
            }
            let mut client = self.hosts.control_of_result(&call).await?.flight();
            let action = Action { r#type: RENEW.to_owned(), body };
            let mut answers = client.do_action(action).await.map_err(Error::from_status)?.into_inner();
            let answer = answers.message().await.map_err(Error::from_status)?;
            let answer = answer.ok_or_else(|| Error::protocol(format!("the server ended {RENEW} without an answer")))?;
            let damaged = |cause| Error::protocol(format!("the server's answer to {RENEW} is no FlightEndpoint")).with_cause(cause);
            let renewed = FlightEndpoint::decode(answer.body.as_ref()).map_err(damaged)?;
            Ok(FlightEndpoint { ticket: renewed.ticket.or(ticket), ..renewed })
        };
        let outcome = call.bound(work).await;
        if outcome.as_ref().is_err_and(|error| error.code() == Code::Unimplemented) {
            self.is_refused.store(true, Relaxed);
        }
        outcome
    }
}

impl KeptEndpoint {
    /// The endpoint to read now, once it may be.
    pub(super) async fn newest(&mut self) -> FlightEndpoint {
        match self {
            Self::Fixed(endpoint) => endpoint.as_ref().clone(),
            Self::Renewed { newest, .. } => {
                if let Ok(ready) = newest.wait_for(|newest| newest.is_ready).await {
                    return ready.endpoint.clone();
                }
                newest.borrow().endpoint.clone()
            }
        }
    }
}

/// How long to wait before the next renewal: half of what is left, so that one that fails can be repeated.
fn pause(left: Duration, idle: &mut Duration) -> Duration {
    if left.is_zero() {
        *idle = (*idle * 2).min(MOST_PAUSE);
        return *idle;
    }
    *idle = LEAST_PAUSE;
    (left / 2).clamp(LEAST_PAUSE, FARTHEST)
}

/// How long an endpoint is good for yet, by this machine's clock; `None` where it does not say.
fn left_of(endpoint: &FlightEndpoint) -> Option<Duration> {
    let time = endpoint.expiration_time.as_ref()?;
    // Before 1970 nothing was good for anything.
    let seconds = u64::try_from(time.seconds).unwrap_or(0);
    let nanos = u32::try_from(time.nanos).unwrap_or(0).min(999_999_999);
    let expires = UNIX_EPOCH.checked_add(Duration::new(seconds, nanos));
    Some(expires.map_or(FARTHEST, |expires| expires.duration_since(SystemTime::now()).unwrap_or_default()))
}

#[cfg(test)]
#[path = "renewal_test.rs"]
mod tests;
