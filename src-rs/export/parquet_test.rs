#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use tokio::sync::mpsc;

use super::{ExportProgress, Message, ParquetForm, encode, properties};
use crate::error::Code;
use parquet::basic::Compression;

/// Encodes one batch and the end of a result, cancelled or not when the end is there; what came of it, and what is in the folder then.
fn encoded(name: &str, is_cancelled: bool) -> (Option<Code>, Vec<(String, u64)>) {
    let folder = std::env::temp_dir().join(format!("flightsql-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let target = folder.join("out.parquet");
    std::fs::write(&target, "as it was").unwrap();
    let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(Int64Array::from(vec![1, 2, 3]))]).unwrap();
    let form = ParquetForm::new(&schema).unwrap();
    let properties = properties(Compression::UNCOMPRESSED, 10, form.schema());
    let (stop, progress) = (Arc::new(AtomicBool::new(false)), Arc::new(ExportProgress::default()));
    let (sender, receiver) = mpsc::channel(2);
    sender.try_send(Message::Batch(batch, None)).unwrap();
    let (stopping, seen) = (Arc::clone(&stop), Arc::clone(&progress));
    let ending = std::thread::spawn(move || {
        // The batch is encoded: the encoder waits for the end, or is about to.
        while seen.read().2 == 0 {
            std::thread::yield_now();
        }
        stopping.store(is_cancelled, super::Relaxed);
        sender.blocking_send(Message::End).ok();
    });
    let result = encode(&target, &form, properties, receiver, &stop, &progress);
    ending.join().unwrap();
    let mut left: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.metadata().unwrap().len()))
        .collect();
    left.sort();
    std::fs::remove_dir_all(&folder).unwrap();
    (result.err().map(|error| error.code()), left)
}

#[test]
fn a_file_that_was_there_stays_when_the_export_is_cancelled_in_its_last_moment() {
    let (error, left) = encoded("late", true);
    assert_eq!(error, Some(Code::CancelledByCaller));
    assert_eq!(left, [("out.parquet".to_owned(), "as it was".len() as u64)]);
}

#[test]
fn and_is_replaced_when_it_is_not() {
    let (error, left) = encoded("whole", false);
    assert_eq!(error, None);
    assert!(matches!(&left[..], [(name, length)] if name == "out.parquet" && *length > 100), "{left:?}");
}
