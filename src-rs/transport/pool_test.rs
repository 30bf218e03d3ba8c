#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};

use super::super::address::Transport;
use super::super::workers::{Worker, Workers};
use super::{Address, ClientConfig, Lease, Peer, Pool, STREAMS_PER_CONNECTION, SharedTls};

fn runtimes(count: usize) -> (Vec<Runtime>, Vec<Worker>) {
    let runtimes: Vec<_> = (0..count).map(|_| Builder::new_multi_thread().worker_threads(1).build().unwrap()).collect();
    let workers = runtimes.iter().map(|runtime| Worker::new(runtime.handle().clone())).collect();
    (runtimes, workers)
}

fn pool(workers: Workers) -> Pool {
    let address = Address { transport: Transport::Tcp, host: "a".into(), port: 1 };
    let peer = Peer::stranger(&address);
    let config = Arc::new(ClientConfig { workers, ..ClientConfig::new(address.clone()) });
    Pool::new(address, peer, config, &SharedTls::default()).unwrap()
}

fn runtime_of(lease: &Lease, workers: &[Worker]) -> usize {
    let id = lease.runtime().unwrap().id();
    workers.iter().position(|worker| worker.handle().id() == id).unwrap()
}

#[test]
fn results_spread_over_the_runtimes_before_two_share_a_connection() {
    let (_runtimes, workers) = runtimes(3);
    let pool = pool(Workers::new(&workers, 1));
    let leases: Vec<_> = (0..3).map(|_| pool.lease().unwrap()).collect();
    assert_eq!(leases.iter().map(|lease| runtime_of(lease, &workers)).collect::<Vec<_>>(), [1, 2, 0], "the client's own comes first");
    assert_eq!(pool.connections(), 3);
    let more: Vec<_> = (0..3).map(|_| pool.lease().unwrap()).collect();
    let mut shared: Vec<_> = more.iter().map(|lease| runtime_of(lease, &workers)).collect();
    shared.sort_unstable();
    assert_eq!((shared, pool.connections()), (vec![0, 1, 2], 3), "then they share evenly");
}

#[test]
fn results_one_after_the_other_use_one_connection_on_the_clients_own_runtime() {
    let (_runtimes, workers) = runtimes(3);
    let pool = pool(Workers::new(&workers, 2));
    for _ in 0..5 {
        assert_eq!(runtime_of(&pool.lease().unwrap(), &workers), 2);
    }
    assert_eq!(pool.connections(), 1);
}

#[test]
fn other_clients_results_are_made_way_for() {
    let (_runtimes, workers) = runtimes(2);
    let busy = pool(Workers::new(&workers, 0));
    let _reading = busy.lease().unwrap();
    let other = pool(Workers::new(&workers, 0));
    assert_eq!(runtime_of(&other.lease().unwrap(), &workers), 1);
}

#[test]
fn an_idle_connection_is_left_where_its_runtime_is_busy_and_another_is_not() {
    let (_runtimes, workers) = runtimes(2);
    let (one, other) = (pool(Workers::new(&workers, 0)), pool(Workers::new(&workers, 0)));
    drop((one.lease().unwrap(), other.lease().unwrap()));
    let first = one.lease().unwrap();
    let second = other.lease().unwrap();
    assert_ne!(runtime_of(&first, &workers), runtime_of(&second, &workers));
}

#[test]
fn several_results_at_a_time_find_the_connections_that_the_last_ones_left() {
    let (_runtimes, workers) = runtimes(3);
    let pool = pool(Workers::new(&workers, 0));
    for _ in 0..3 {
        let leases: Vec<_> = (0..3).map(|_| pool.lease().unwrap()).collect();
        let mut on: Vec<_> = leases.iter().map(|lease| runtime_of(lease, &workers)).collect();
        on.sort_unstable();
        assert_eq!((on, pool.connections()), (vec![0, 1, 2], 3));
    }
}

#[test]
fn full_connections_take_no_more_and_further_ones_close_when_idle() {
    let (_runtimes, workers) = runtimes(2);
    let pool = pool(Workers::new(&workers, 0));
    let mut leases: Vec<_> = (0..4 * STREAMS_PER_CONNECTION + 1).map(|_| pool.lease().unwrap()).collect();
    assert_eq!(pool.connections(), 5, "the last one found no room");
    leases.truncate(1);
    let _next = pool.lease().unwrap();
    assert_eq!(pool.connections(), 4, "two that are used, and an idle one for each runtime");
}

#[tokio::test]
async fn without_runtimes_of_its_own_a_pool_uses_the_one_that_it_is_called_on() {
    let pool = pool(Workers::default());
    let leases: Vec<_> = (0..STREAMS_PER_CONNECTION).map(|_| pool.lease().unwrap()).collect();
    assert_eq!(pool.connections(), 1);
    assert!(leases.iter().all(|lease| lease.runtime().is_none()));
    let _one_more = pool.lease().unwrap();
    assert_eq!(pool.connections(), 2);
}
