//! DoPut: an ingest into the table [`COUNTED`] is counted here, beneath tonic, which would gather each message into memory of its own first; every other
//! DoPut goes to tonic.

mod counter;
mod messages;
mod rejoined;

use arrow_flight::sql::{Any, Command, DoPutUpdateResult};
use arrow_flight::{FlightData, PutResult};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use prost::Message;
use tonic::Status;
use tonic::body::Body;

use self::counter::RowCounter;
pub use self::rejoined::Rejoined;
use crate::encoded::framed;

pub const PATH: &str = "/arrow.flight.protocol.FlightService/DoPut";

/// The table whose rows are counted and let go.
const COUNTED: &str = "counted";

/// What became of the beginning of an upload.
pub enum Upload {
    /// It was an ingest to be counted, and this is its answer.
    Counted(http::Response<Body>),
    /// It is something else, and whole.
    Other(http::Request<Rejoined>),
}

/// Reads an upload's first message, and the rest of one that is to be counted.
pub async fn receive(request: http::Request<Incoming>) -> Result<Upload, Status> {
    let (head, mut body) = request.into_parts();
    let mut first = BytesMut::new();
    let message = loop {
        if let Some(message) = messages::whole(&first) {
            break message;
        }
        let Some(bytes) = next(&mut body).await? else { break &[][..] };
        first.extend_from_slice(&bytes);
    };
    if !is_counted(message)? {
        return Ok(Upload::Other(http::Request::from_parts(head, Rejoined::new(first.freeze(), body))));
    }
    let mut rows = RowCounter::default();
    rows.feed(&first)?;
    while let Some(bytes) = next(&mut body).await? {
        rows.feed(&bytes)?;
    }
    Ok(Upload::Counted(answer(rows.finish()?)))
}

async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Status> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Status::unknown(error.to_string()))?;
        if let Ok(bytes) = frame.into_data() {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

fn is_counted(message: &[u8]) -> Result<bool, Status> {
    let wrong = |error: prost::DecodeError| Status::invalid_argument(error.to_string());
    let Some(descriptor) = FlightData::decode(message).map_err(wrong)?.flight_descriptor else { return Ok(false) };
    let command = Any::decode(descriptor.cmd).map_err(wrong)?;
    let command = Command::try_from(command).map_err(|error| Status::invalid_argument(error.to_string()))?;
    Ok(matches!(command, Command::CommandStatementIngest(ingest) if ingest.table == COUNTED))
}

/// How many rows there were.
fn answer(rows: i64) -> http::Response<Body> {
    let result = DoPutUpdateResult { record_count: rows };
    let message = framed(&PutResult { app_metadata: result.encode_to_vec().into() });
    let status = HeaderMap::from_iter([(HeaderName::from_static("grpc-status"), HeaderValue::from_static("0"))]);
    let body = Full::new(message).with_trailers(std::future::ready(Some(Ok(status))));
    let mut response = http::Response::new(Body::new(body));
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}
