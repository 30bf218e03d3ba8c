//! An ingest into the table `checked SHAPE ROWS`: every row is held against those that a query of this shape returns.

use arrow_array::{Array, RecordBatch};
use arrow_flight::decode::FlightRecordBatchStream;
use bench::shapes::Shape;
use futures::TryStreamExt;
use tonic::Status;

/// Counts the rows, which are those of one batch over and over, however the client cut them.
pub async fn count(table: &str, mut batches: FlightRecordBatchStream) -> Result<i64, Status> {
    let expected = expected(table)?;
    let mut count = 0;
    while let Some(batch) = batches.try_next().await? {
        let mut at = 0;
        while at < batch.num_rows() {
            let from = count % expected.num_rows();
            let length = (expected.num_rows() - from).min(batch.num_rows() - at);
            compare(&batch.slice(at, length), &expected.slice(from, length)).map_err(|why| wrong(count, &why))?;
            at += length;
            count += length;
        }
    }
    Ok(count as i64)
}

fn expected(table: &str) -> Result<RecordBatch, Status> {
    let unknown = || Status::not_found(format!("a table is `counted` or `checked SHAPE ROWS`, not {table:?}"));
    let [shape, rows] = *table.strip_prefix("checked ").ok_or_else(unknown)?.split(' ').collect::<Vec<_>>() else {
        return Err(unknown());
    };
    let shape: Shape = shape.parse().map_err(Status::not_found)?;
    let rows = rows.parse().ok().filter(|rows| *rows > 0).ok_or_else(unknown)?;
    shape.batch(rows).map_err(|error| Status::internal(error.to_string()))
}

fn compare(batch: &RecordBatch, expected: &RecordBatch) -> Result<(), String> {
    if batch.num_columns() != expected.num_columns() {
        return Err(format!("it has {} columns", batch.num_columns()));
    }
    for (at, (column, expected)) in batch.columns().iter().zip(expected.columns()).enumerate() {
        if column.data_type() != expected.data_type() {
            return Err(format!("column {at} is {}, not {}", column.data_type(), expected.data_type()));
        }
        if column != expected {
            return Err(format!("column {at} has other values"));
        }
    }
    Ok(())
}

fn wrong(row: usize, why: &str) -> Status {
    Status::invalid_argument(format!("from row {row} on the rows are not those that were to be sent: {why}"))
}
