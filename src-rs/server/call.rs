//! What the headers of one call ask for.

use tonic::Status;
use tonic::metadata::MetadataMap;

use super::options::{MAX_BATCH_ROWS, MAX_ENDPOINTS, ServerOptions};
use super::results::BatchShape;

const ENDPOINTS: &str = "x-flightsql-endpoints";
const BATCH_ROWS: &str = "x-flightsql-batch-rows";
const ORDERED: &str = "x-flightsql-ordered";

/// How a query's result is to be handed out.
#[derive(Debug, Clone, Copy)]
pub(super) struct CallOptions {
    pub(super) endpoints: usize,
    pub(super) shape: BatchShape,
    /// What `FlightInfo.ordered` says. The endpoints are in the query's order either way.
    pub(super) ordered: bool,
}

impl CallOptions {
    pub(super) fn of(headers: &MetadataMap, defaults: &ServerOptions) -> Result<Self, Status> {
        let endpoints = number(headers, ENDPOINTS, MAX_ENDPOINTS)?.unwrap_or(defaults.endpoints);
        let shape = batch_shape(headers)?.or(defaults.batch_rows.map(BatchShape::exactly)).unwrap_or(BatchShape::DEFAULT);
        let ordered = match text(headers, ORDERED)? {
            None | Some("true") => true,
            Some("false") => false,
            Some(other) => {
                return Err(Status::invalid_argument(format!("the header {ORDERED} is {other:?}; it must be true or false")));
            }
        };
        Ok(Self { endpoints, shape, ordered })
    }
}

/// The size of batches that the call asks for, if it does.
pub(super) fn batch_shape(headers: &MetadataMap) -> Result<Option<BatchShape>, Status> {
    Ok(number(headers, BATCH_ROWS, MAX_BATCH_ROWS)?.map(BatchShape::exactly))
}

fn number(headers: &MetadataMap, name: &'static str, most: usize) -> Result<Option<usize>, Status> {
    let Some(text) = text(headers, name)? else {
        return Ok(None);
    };
    match text.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
        _ => Err(Status::invalid_argument(format!("the header {name} is {text:?}; it must be a number from 1 to {most}"))),
    }
}

fn text<'a>(headers: &'a MetadataMap, name: &'static str) -> Result<Option<&'a str>, Status> {
    headers
        .get(name)
        .map(|value| value.to_str().map_err(|_| Status::invalid_argument(format!("the header {name} is not ASCII"))))
        .transpose()
}
