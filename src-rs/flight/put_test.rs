#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use arrow_flight::{FlightDescriptor, PutResult};
use bytes::{BufMut, Bytes, BytesMut};
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::{HeaderMap, HeaderValue, Response};
use prost::Message;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::{Put, Upload};
use crate::arrow::outgoing::OutgoingMessage;
use crate::error::{Code, Result};
use crate::transport::address::{Address, Transport};
use crate::transport::call::Call;
use crate::transport::config::ClientConfig;
use crate::transport::hosts::Hosts;

/// How a server saw the body of a request end, and how much of it came.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Whole(usize),
    Reset(Reason),
}

/// A server of one call: `window` bytes of it may be under way, and `serve` is given it.
async fn server<F: Future<Output = ()> + Send + 'static>(
    window: u32,
    serve: impl FnOnce(RecvStream, SendResponse<Bytes>) -> F + Send + 'static,
) -> (Arc<Hosts>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let mut connection = h2::server::Builder::new().initial_window_size(window).handshake::<_, Bytes>(socket).await.unwrap();
        let (request, respond) = connection.accept().await.unwrap().unwrap();
        // Until the client closes it.
        tokio::spawn(async move { while connection.accept().await.is_some() {} });
        serve(request.into_body(), respond).await;
    });
    let address = Address { transport: Transport::Tcp, host: "127.0.0.1".into(), port };
    (Arc::new(Hosts::new(ClientConfig::new(address)).unwrap()), served)
}

async fn read(body: &mut RecvStream) -> Seen {
    let mut count = 0;
    loop {
        match body.data().await {
            Some(Ok(bytes)) => {
                count += bytes.len();
                body.flow_control().release_capacity(bytes.len()).unwrap();
            }
            Some(Err(error)) => return Seen::Reset(error.reason().unwrap()),
            None => return Seen::Whole(count),
        }
    }
}

fn head() -> Response<()> {
    Response::builder().header("content-type", "application/grpc").body(()).unwrap()
}

fn trailers(status: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(http::HeaderName::from_static("grpc-status"), HeaderValue::from_static(status))])
}

/// An answer, as gRPC frames it.
fn answer(metadata: &'static [u8]) -> Bytes {
    let message = PutResult { app_metadata: Bytes::from_static(metadata) }.encode_to_vec();
    let mut bytes = BytesMut::new();
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(message.len()).unwrap());
    bytes.put_slice(&message);
    bytes.freeze()
}

fn message(bytes: usize) -> OutgoingMessage {
    OutgoingMessage { header: vec![1; 10], body: vec![2; bytes], rows: 3, ..OutgoingMessage::default() }
}

fn put(hosts: &Arc<Hosts>, call: Call) -> Put {
    Put::start(
        Arc::clone(hosts),
        FlightDescriptor::new_cmd("x"),
        Upload { schema: Some(OutgoingMessage::default()), ..Upload::default() },
        call,
    )
}

#[tokio::test]
async fn all_messages_and_all_answers_arrive() {
    let (hosts, served) = server(1 << 16, async |mut body, mut respond| {
        let Seen::Whole(count) = read(&mut body).await else { panic!("it was reset") };
        assert!(count > 20 * 100_000, "{count}");
        let mut stream = respond.send_response(head(), false).unwrap();
        // In two parts.
        let mut both = BytesMut::from(&answer(b"one")[..]);
        both.extend_from_slice(&answer(b"two"));
        let both = both.freeze();
        stream.send_data(both.slice(..7), false).unwrap();
        stream.send_data(both.slice(7..), false).unwrap();
        stream.send_trailers(trailers("0")).unwrap();
    })
    .await;
    let mut put = put(&hosts, Call::default());
    for _ in 0..20 {
        put.send(message(100_000)).await.unwrap();
    }
    let answers = put.finish().await.unwrap();
    assert_eq!(answers.iter().map(|answer| &answer.app_metadata[..]).collect::<Vec<_>>(), [b"one", b"two"]);
    served.await.unwrap();
}

#[tokio::test]
async fn one_that_is_given_up_is_reset_and_never_ends_well() {
    for stalls in [false, true] {
        let (hosts, served) = server(1 << 14, async move |mut body, mut respond| {
            // The head of the answer is there already: only the body can say that it was given up.
            let _stream = respond.send_response(head(), false).unwrap();
            if stalls {
                // The window is used up, and nothing more of it granted.
                while body.flow_control().used_capacity() < 1 << 14 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                let reason = poll_fn(|context| poll_reset(&mut body, context)).await;
                assert_eq!(reason, Reason::CANCEL);
            } else {
                assert_eq!(read(&mut body).await, Seen::Reset(Reason::CANCEL));
            }
        })
        .await;
        let mut put = put(&hosts, Call::default());
        put.send(message(1 << 20)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(put);
        served.await.unwrap();
    }
}

/// Takes data without giving the window back, until the stream is reset.
fn poll_reset(body: &mut RecvStream, context: &mut std::task::Context<'_>) -> std::task::Poll<Reason> {
    loop {
        match std::task::ready!(body.poll_data(context)) {
            Some(Ok(_)) => {}
            Some(Err(error)) => return std::task::Poll::Ready(error.reason().unwrap()),
            None => panic!("the body ended well"),
        }
    }
}

#[tokio::test]
async fn a_timeout_ends_a_send_that_waits_for_the_servers_window() {
    let (hosts, served) = server(1 << 10, async |mut body, _respond| {
        assert_eq!(poll_fn(|context| poll_reset(&mut body, context)).await, Reason::CANCEL);
    })
    .await;
    let mut put = put(&hosts, Call::default().with_timeout(Some(Duration::from_secs(1))));
    let sending = async {
        loop {
            put.send(message(1 << 20)).await?;
        }
    };
    let result: Result<()> = tokio::time::timeout(Duration::from_secs(20), sending).await.unwrap();
    assert_eq!(result.unwrap_err().code(), Code::DeadlineExceeded);
    assert_eq!(put.progress().rows, 0);
    served.await.unwrap();
}

#[tokio::test]
async fn what_the_server_says_ends_a_send_that_waits() {
    let (hosts, served) = server(1 << 10, async |mut body, mut respond| {
        body.data().await.unwrap().unwrap();
        let mut refusal = trailers("3");
        refusal.insert("grpc-message", HeaderValue::from_static("no such table"));
        respond.send_response(head(), false).unwrap().send_trailers(refusal).unwrap();
    })
    .await;
    let mut put = put(&hosts, Call::default());
    let error = loop {
        if let Err(error) = put.send(message(1 << 20)).await {
            break error;
        }
    };
    assert_eq!((error.code(), error.message()), (Code::InvalidArgument, "no such table"));
    served.await.unwrap();
}

#[tokio::test]
async fn an_early_answer_is_an_error_for_whoever_has_more_to_send() {
    let (hosts, served) = server(1 << 10, async |mut body, mut respond| {
        body.data().await.unwrap().unwrap();
        let mut stream = respond.send_response(head(), false).unwrap();
        stream.send_data(answer(b"enough"), false).unwrap();
        stream.send_trailers(trailers("0")).unwrap();
    })
    .await;
    let mut put = put(&hosts, Call::default());
    let error = loop {
        if let Err(error) = put.send(message(1 << 20)).await {
            break error;
        }
    };
    assert_eq!(error.code(), Code::Protocol);
    assert_eq!(put.answered().len(), 1);
    served.await.unwrap();
}

#[tokio::test]
async fn messages_that_find_no_room_together_are_given_back_together() {
    let (hosts, served) = server(1 << 16, async |mut body, mut respond| {
        let Seen::Whole(count) = read(&mut body).await else { panic!("it was reset") };
        assert!((7 << 18..8 << 18).contains(&count), "{count}");
        let mut stream = respond.send_response(head(), false).unwrap();
        stream.send_trailers(trailers("0")).unwrap();
    })
    .await;
    let mut put = put(&hosts, Call::default());
    // Nothing is sent meanwhile: this thread has the connection too.
    for _ in 0..7 {
        put.send_now(vec![message(1 << 18)]).unwrap();
    }
    assert_eq!(put.send_now(vec![message(10), message(1 << 18)]).unwrap_err().len(), 2);
    put.send_now(vec![message(10)]).unwrap();
    put.finish().await.unwrap();
    assert_eq!((put.progress().batches, put.progress().rows), (8, 24));
    served.await.unwrap();
}

#[tokio::test]
async fn what_is_sent_behind_the_end_of_the_call_is_given_back() {
    let (hosts, served) = server(1 << 16, async |_body, mut respond| {
        respond.send_response(head(), false).unwrap().send_trailers(trailers("3")).unwrap();
    })
    .await;
    let mut put = put(&hosts, Call::default());
    while put.send_now(vec![message(10)]).is_ok() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(put.send(message(10)).await.unwrap_err().code(), Code::InvalidArgument);
    served.await.unwrap();
}
