#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arrow_flight::FlightEndpoint;

use super::{FARTHEST, LEAST_PAUSE, MOST_PAUSE, left_of, pause};

/// An endpoint that expires so many seconds after 1970.
fn expiring(seconds: i64) -> FlightEndpoint {
    // The type of the time is prost's, which is not a dependency by itself.
    let mut endpoint = FlightEndpoint::default();
    let time = endpoint.expiration_time.get_or_insert_default();
    (time.seconds, time.nanos) = (seconds, 0);
    endpoint
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

#[test]
fn what_is_left_of_an_endpoint_is_told_by_its_expiration_and_never_negative() {
    assert_eq!(left_of(&FlightEndpoint::default()), None);
    assert_eq!(left_of(&expiring(i64::MIN)), Some(Duration::ZERO));
    assert_eq!(left_of(&expiring(now() - 100)), Some(Duration::ZERO));
    let left = left_of(&expiring(now() + 100)).unwrap();
    assert!((Duration::from_secs(98)..=Duration::from_secs(100)).contains(&left), "{left:?}");
    assert!(left_of(&expiring(i64::MAX)).unwrap() >= FARTHEST);
}

#[test]
fn it_is_renewed_when_half_is_over_and_never_without_a_pause() {
    let mut idle = LEAST_PAUSE;
    assert_eq!(pause(Duration::from_secs(60), &mut idle), Duration::from_secs(30));
    assert_eq!(pause(Duration::from_millis(1), &mut idle), LEAST_PAUSE);
    assert_eq!(pause(Duration::MAX, &mut idle), FARTHEST);
}

#[test]
fn renewals_that_gain_nothing_become_seldom() {
    let mut idle = LEAST_PAUSE;
    let pauses: Vec<_> = (0..20).map(|_| pause(Duration::ZERO, &mut idle)).collect();
    assert!(pauses.is_sorted());
    assert_eq!((pauses[0], pauses[19]), (2 * LEAST_PAUSE, MOST_PAUSE));
    assert_eq!(pause(Duration::from_secs(60), &mut idle), Duration::from_secs(30));
    assert_eq!(idle, LEAST_PAUSE);
}
