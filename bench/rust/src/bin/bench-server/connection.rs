//! HTTP/2 connections: DoGet is answered here, with frames that are ready; tonic would encode each message again. DoPut is
//! answered beneath tonic where it is to be counted. Every other call goes to tonic.

use std::sync::Arc;

use arrow_flight::Ticket;
use arrow_flight::flight_service_server::FlightServiceServer;
use bench::query::Query;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tokio::net::{TcpListener, TcpStream};
use tonic::Status;
use tonic::body::Body;
use tower::ServiceExt;

use crate::encoded::EncodedShapes;
use crate::one_row::{OneRow, TEMPLATE};
use crate::service::Service;
use crate::stream::EncodedStream;
use crate::upload::{self, Upload};

const DO_GET: &str = "/arrow.flight.protocol.FlightService/DoGet";

/// A batch of any shape here fits into it, so that a stream is never idle for want of room on this side.
const SEND_BUFFER_BYTES: usize = 8 << 20;

/// As much may be under way to here, of an upload or of a connection: that a client waits should not be for want of this.
const RECEIVE_WINDOW: u32 = 8 << 20;

pub async fn accept(listener: TcpListener, shapes: Arc<EncodedShapes>) {
    loop {
        match listener.accept().await {
            Ok((socket, _)) => drop(tokio::spawn(serve(socket, shapes.clone()))),
            Err(error) => eprintln!("a connection was not accepted: {error}"),
        }
    }
}

async fn serve(socket: TcpStream, shapes: Arc<EncodedShapes>) {
    // The kernel's default is on: it would hold back the end of each write for an acknowledgement.
    if let Err(error) = socket.set_nodelay(true) {
        eprintln!("TCP_NODELAY was refused: {error}");
    }
    let tonic = FlightServiceServer::new(Service { shapes: shapes.clone() }).max_decoding_message_size(usize::MAX);
    let service = service_fn(move |request: http::Request<Incoming>| {
        let (shapes, tonic) = (shapes.clone(), tonic.clone());
        async move {
            if request.uri().path() == DO_GET {
                return Ok(do_get(request, &shapes).await.unwrap_or_else(|status| status.into_http()));
            }
            if request.uri().path() == upload::PATH {
                return match upload::receive(request).await {
                    Ok(Upload::Counted(response)) => Ok(response),
                    Ok(Upload::Other(request)) => tonic.oneshot(request).await,
                    Err(status) => Ok(status.into_http()),
                };
            }
            tonic.oneshot(request).await
        }
    });
    let connection = http2::Builder::new(TokioExecutor::new())
        .max_send_buf_size(SEND_BUFFER_BYTES)
        .initial_stream_window_size(RECEIVE_WINDOW)
        .initial_connection_window_size(RECEIVE_WINDOW)
        .serve_connection(TokioIo::new(socket), service);
    // A client that goes away ends its connection with an error, and that is how every client goes.
    let _ = connection.await;
}

async fn do_get(request: http::Request<Incoming>, shapes: &EncodedShapes) -> Result<http::Response<Body>, Status> {
    let body = request.into_body().collect().await.map_err(|error| Status::unknown(error.to_string()))?;
    let message = body.to_bytes().get(5..).map(bytes::Bytes::copy_from_slice);
    let message = message.ok_or_else(|| Status::internal("the request has no message"))?;
    let ticket = Ticket::decode(message).map_err(|error| Status::invalid_argument(error.to_string()))?;
    let text = std::str::from_utf8(&ticket.ticket).map_err(|error| Status::invalid_argument(error.to_string()))?;
    let stream = match text.parse::<OneRow>() {
        Ok(bound) => EncodedStream::one_row(shapes.get(&TEMPLATE)?, bound),
        Err(_) => {
            let query: Query = text.parse().map_err(Status::invalid_argument)?;
            let shape = shapes.get(&query)?;
            let batches = query.batches(shape.body.len() as u64);
            EncodedStream::new(shape, batches)
        }
    };
    let mut response = http::Response::new(Body::new(stream));
    let grpc = http::HeaderValue::from_static("application/grpc");
    response.headers_mut().insert(http::header::CONTENT_TYPE, grpc);
    Ok(response)
}
