//! Every shape at every batch size, as the gRPC frames that go onto the wire.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_flight::FlightData;
use arrow_flight::encode::{DictionaryHandling, FlightDataEncoderBuilder};
use arrow_schema::SchemaRef;
use bench::query::Query;
use bench::shapes::{BATCH_ROWS, Shape};
use bytes::{BufMut, Bytes, BytesMut};
use futures::TryStreamExt;
use prost::Message;
use tonic::Status;

use crate::Outcome;

/// One shape at one batch size.
pub struct EncodedShape {
    pub schema: SchemaRef,
    /// The gRPC frames of the schema and the dictionaries: sent once a stream.
    pub head: Vec<Bytes>,
    /// The gRPC frame of the record batch: sent as often as the query's bytes need.
    pub batch: Bytes,
    /// The record batch's body alone.
    pub body: Bytes,
    /// Where in the body the values of the first column begin.
    pub id_offset: usize,
}

pub struct EncodedShapes(HashMap<(Shape, usize), Arc<EncodedShape>>);

impl EncodedShapes {
    pub async fn new() -> Outcome<Self> {
        let mut shapes = HashMap::new();
        for shape in Shape::ALL {
            // One row is what small queries return.
            for rows in [1].into_iter().chain(BATCH_ROWS) {
                shapes.insert((shape, rows), Arc::new(EncodedShape::new(shape, rows).await?));
            }
        }
        Ok(EncodedShapes(shapes))
    }

    pub fn get(&self, query: &Query) -> Result<Arc<EncodedShape>, Status> {
        self.0
            .get(&(query.shape, query.rows))
            .cloned()
            .ok_or_else(|| Status::invalid_argument(format!("batches have one of {BATCH_ROWS:?} rows, not {}", query.rows)))
    }

    /// The members of a JSON array that names what a batch of each weighs.
    pub fn described(&self) -> String {
        let described = self
            .0
            .iter()
            .map(|((shape, rows), encoded)| format!(r#"{{"shape":"{shape}","rows":{rows},"bodyBytes":{}}}"#, encoded.body.len()));
        described.collect::<Vec<_>>().join(",")
    }
}

impl EncodedShape {
    async fn new(shape: Shape, rows: usize) -> Outcome<Self> {
        let batch = shape.batch(rows)?;
        let schema = batch.schema();
        let ids = batch.column(0).to_data();
        let first_ids = &ids.buffers()[0].as_slice()[..16.min(8 * rows)];
        let messages: Vec<FlightData> = FlightDataEncoderBuilder::new()
            // One message a batch: the default would split above 2 MiB.
            .with_max_flight_data_size(usize::MAX)
            .with_dictionary_handling(DictionaryHandling::Resend)
            .build(futures::stream::iter([Ok(batch)]))
            .try_collect()
            .await?;
        let (last, head) = messages.split_last().ok_or("a batch was encoded to no message")?;
        let body = last.data_body.clone();
        let id_offset = (0..body.len())
            .step_by(8)
            .find(|&at| body[at..].starts_with(first_ids))
            .ok_or("the first column's values are not in the body")?;
        Ok(EncodedShape { schema, head: head.iter().map(framed).collect(), batch: framed(last), body, id_offset })
    }
}

/// A message behind the five bytes that gRPC puts before it: not compressed, and its length.
pub fn framed(message: &impl Message) -> Bytes {
    let length = message.encoded_len();
    let mut frame = BytesMut::with_capacity(5 + length);
    frame.put_u8(0);
    frame.put_u32(length as u32);
    frame.extend_from_slice(&message.encode_to_vec());
    frame.freeze()
}
