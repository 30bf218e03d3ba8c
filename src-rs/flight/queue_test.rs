#![expect(clippy::expect_used, reason = "tests")]

use futures::FutureExt;

use super::super::memory::SlabSeal;
use super::{Budget, STREAM_LIMIT, queue};
use crate::arrow::layout::Decoded;
use crate::error::Code;

fn metadata(bytes: usize) -> Decoded {
    Decoded::Metadata { app_metadata: vec![0; bytes] }
}

#[test]
fn what_comes_after_the_consumer_has_gone_is_not_accounted_for() {
    let budget = Budget::new(1 << 20);
    let (producer, consumer) = queue(budget.clone(), SlabSeal::default());
    producer.push(metadata(1000));
    assert!(budget.used() >= 1000);
    drop(consumer);
    assert_eq!(budget.used(), 0);
    producer.push(metadata(1000));
    assert_eq!(budget.used(), 0);
    assert!(producer.room().now_or_never().is_some(), "a producer that nobody listens to need not wait");
}

#[test]
fn metadata_before_the_schema_does_not_wait_for_a_consumer_that_waits_for_the_schema() {
    let budget = Budget::new(1);
    let (producer, mut consumer) = queue(budget, SlabSeal::default());
    assert!(consumer.schema().now_or_never().is_none());
    producer.push(metadata(100));
    assert!(producer.room().now_or_never().is_some_and(|room| room.is_ok()));
    producer.push(metadata(STREAM_LIMIT));
    let refused = producer.room().now_or_never().expect("it does not wait").expect_err("it is too much");
    assert_eq!(refused.code(), Code::Protocol);
}
