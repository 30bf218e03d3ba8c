#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use h2::Reason;
use http::{HeaderMap, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::{Connection, Part, Setup};
use crate::error::Code;
use crate::transport::address::{Address, Transport};
use crate::transport::connector::Connector;
use crate::transport::http2::SentHere;
use crate::transport::peer::Peer;

const SETUP: Setup = Setup { connect_timeout: Duration::from_secs(5), window: crate::transport::windows::RESULTS_WINDOW, runtime: None };

fn connection(port: u16) -> Connection {
    let address = Address { transport: Transport::Tcp, host: "127.0.0.1".into(), port };
    let peer = Peer::stranger(&address);
    Connection::new(Connector { address, tls: None, server_name: None }, peer, SETUP).unwrap()
}

async fn listener(port: u16) -> (TcpListener, u16) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Answers every call on a connection with an empty stream, `calls` of them; then closes it.
async fn serve(socket: TcpStream, calls: usize) {
    let mut connection = h2::server::handshake(socket).await.unwrap();
    for _ in 0..calls {
        answer_next(&mut connection).await;
    }
    connection.graceful_shutdown();
    while connection.accept().await.is_some() {}
}

async fn call(connection: &Connection) -> crate::Result<()> {
    let answer = connection.call("/a/B", &HeaderMap::new(), Bytes::from_static(b"x")).await?;
    let mut receiving = answer.receiving;
    assert!(std::future::poll_fn(|context| receiving.poll_data(context)).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn an_attempt_that_failed_while_nobody_waited_is_not_the_next_callers_answer() {
    let port = listener(0).await.1;
    let connection = connection(port);
    // Begun, and given up at once.
    assert!(call(&connection).now_or_never().is_none());
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (listener, _) = listener(port).await;
    let server = tokio::spawn(async move { serve(listener.accept().await.unwrap().0, 1).await });
    call(&connection).await.unwrap();
    server.await.unwrap();
}

/// A connection to a server that accepts `times` connections one after the other, and answers `calls` calls on each.
async fn served(times: usize, calls: usize) -> (Connection, JoinHandle<TcpListener>) {
    let (listener, port) = listener(0).await;
    let server = tokio::spawn(async move {
        for _ in 0..times {
            serve(listener.accept().await.unwrap().0, calls).await;
        }
        listener
    });
    (connection(port), server)
}

#[tokio::test]
async fn calls_that_come_while_it_is_opened_wait_for_the_same_attempt() {
    let (connection, server) = served(1, 3).await;
    let (first, second, third) = tokio::join!(call(&connection), call(&connection), call(&connection));
    first.and(second).and(third).unwrap();
    let listener = server.await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(50), listener.accept()).await.is_err(), "somebody else has connected");
}

#[tokio::test]
async fn a_connection_that_was_closed_is_opened_anew_by_the_next_call() {
    let (connection, server) = served(3, 1).await;
    for _ in 0..3 {
        call(&connection).await.unwrap();
        // Until the end of the connection has reached this side.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.await.unwrap();
}

#[tokio::test]
async fn all_who_wait_for_an_attempt_that_fails_are_told_so() {
    let connection = connection(listener(0).await.1);
    let (first, second) = tokio::join!(call(&connection), call(&connection));
    for failed in [first, second] {
        assert_eq!(failed.unwrap_err().code(), Code::ConnectionFailed);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_call_whose_connection_ends_before_it_was_written_goes_over_another_one() {
    let path = std::env::temp_dir().join(format!("flightsql-connection-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let (closed, is_closed) = std::sync::mpsc::channel();
    // On a thread of its own: it goes on while nothing on this one does.
    let serve = async move || {
        listener.set_nonblocking(true).unwrap();
        let listener = tokio::net::UnixListener::from_std(listener).unwrap();
        for _ in 0..2 {
            let mut connection = h2::server::handshake(listener.accept().await.unwrap().0).await.unwrap();
            answer_next(&mut connection).await;
            // Until what was answered has gone.
            let _ = tokio::time::timeout(Duration::from_millis(50), connection.accept()).await;
            drop(connection);
            closed.send(()).unwrap();
        }
    };
    let server = std::thread::spawn(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(serve()));
    let address = Address { transport: Transport::Unix(path.to_str().unwrap().into()), host: "localhost".into(), port: 0 };
    let peer = Peer::stranger(&address);
    let connection = Connection::new(Connector { address, tls: None, server_name: None }, peer, SETUP).unwrap();
    call(&connection).await.unwrap();
    // This thread stands still: the end of the connection is there, and nobody has seen it.
    is_closed.recv().unwrap();
    call(&connection).await.unwrap();
    server.join().unwrap();
    std::fs::remove_file(&path).unwrap();
}

/// Answers the next call with an empty stream.
async fn answer_next<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(connection: &mut h2::server::Connection<S, Bytes>) {
    let (_, mut respond) = connection.accept().await.unwrap().unwrap();
    let head = Response::builder().header("content-type", "application/grpc").body(()).unwrap();
    respond.send_response(head, false).unwrap().send_trailers(HeaderMap::new()).unwrap();
}

/// Resets every call with the reasons, in turn, and answers those behind them. Returns how many calls there were.
async fn resets(listener: TcpListener, reasons: &[Reason], calls: usize) {
    let mut connection = h2::server::handshake(listener.accept().await.unwrap().0).await.unwrap();
    for reason in reasons {
        let (_, mut respond) = connection.accept().await.unwrap().unwrap();
        respond.send_reset(*reason);
    }
    for _ in 0..calls {
        answer_next(&mut connection).await;
    }
    connection.graceful_shutdown();
    assert!(connection.accept().await.is_none(), "a call was made once more");
}

#[tokio::test]
async fn a_call_that_the_server_refuses_unseen_is_made_again_once() {
    let (listener, port) = listener(0).await;
    let server = tokio::spawn(resets(listener, &[Reason::REFUSED_STREAM], 1));
    call(&connection(port)).await.unwrap();
    server.await.unwrap();
}

#[tokio::test]
async fn a_call_that_is_refused_again_and_one_that_may_have_been_seen_are_errors() {
    for reasons in [&[Reason::REFUSED_STREAM, Reason::REFUSED_STREAM][..], &[Reason::INTERNAL_ERROR], &[Reason::CANCEL]] {
        let (listener, port) = listener(0).await;
        let server = tokio::spawn(resets(listener, reasons, 0));
        let failed = call(&connection(port)).await.unwrap_err();
        assert_eq!(failed.code(), Code::StreamReset);
        server.await.unwrap();
    }
}

#[test]
fn what_is_sent_from_where_it_lies_arrives_as_it_was_then() {
    const WINDOW: u32 = 64 << 20;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // After every 12 MiB its whole thread stands still until the socket is full.
    let (filled, is_full) = std::sync::mpsc::channel::<()>();
    let serve = async move || {
        listener.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let socket = listener.accept().await.unwrap().0;
        let mut builder = h2::server::Builder::new();
        builder.initial_window_size(WINDOW).initial_connection_window_size(WINDOW);
        let mut connection = builder.handshake::<_, Bytes>(socket).await.unwrap();
        let (request, _respond) = connection.accept().await.unwrap().unwrap();
        tokio::spawn(async move { while connection.accept().await.is_some() {} });
        let mut body = request.into_body();
        let mut all = Vec::new();
        while let Some(bytes) = body.data().await {
            let bytes = bytes.unwrap();
            body.flow_control().release_capacity(bytes.len()).unwrap();
            let before = all.len() / (12 << 20);
            all.extend_from_slice(&bytes);
            if all.len() / (12 << 20) > before {
                let _ = is_full.recv();
            }
        }
        all
    };
    let served = std::thread::spawn(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(serve()));
    let connection = connection(port);
    let (mut sending, _answering) = runtime.block_on(connection.begin("/a/B", &HeaderMap::new())).unwrap();
    let (mut expected, mut whole, mut in_part, mut otherwise) = (Vec::new(), 0, 0, 0);
    let mut lent = vec![0_u8; 600_000];
    for round in 0_usize..200 {
        let size = 100 + round * 7919 % 599_000;
        lent[..size].iter_mut().enumerate().for_each(|(at, byte)| *byte = (round * 31 + at) as u8);
        let head = Bytes::from(vec![round as u8; 10]);
        let (first, second) = lent[..size].split_at(size / 3);
        expected.extend_from_slice(&head);
        expected.extend_from_slice(&lent[..size]);
        match sending.send_here(&head, &[first, &[], second]) {
            SentHere::Whole => whole += 1,
            SentHere::InPart(rest) => {
                in_part += 1;
                lent.fill(0xee);
                filled.send(()).unwrap();
                // What follows may come before that, or not.
                if round % 2 == 0 {
                    runtime.block_on(rest.cancelled());
                }
            }
            SentHere::Busy | SentHere::Shut => {
                otherwise += 1;
                let body = Bytes::copy_from_slice(&lent[..size]);
                runtime.block_on(sending.send(Part::new(head, body))).unwrap();
            }
        }
        lent.fill(0xee);
    }
    drop(filled);
    sending.end().unwrap();
    let all = served.join().unwrap();
    assert!(all == expected, "{} bytes of {} came, or others", all.len(), expected.len());
    assert!(whole > 50 && in_part > 2, "{whole} whole, {in_part} in part, {otherwise} otherwise");
}

#[test]
fn what_is_left_of_a_request_that_is_given_up_is_over() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (listener, port) = runtime.block_on(listener(0));
    // It takes the request, and reads no more than its head.
    let served = runtime.spawn(async move {
        let socket = listener.accept().await.unwrap().0;
        let mut builder = h2::server::Builder::new();
        builder.initial_window_size(1 << 30).initial_connection_window_size(1 << 30);
        let mut connection = builder.handshake::<_, Bytes>(socket).await.unwrap();
        let request = connection.accept().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        drop((request, connection));
    });
    let connection = connection(port);
    let (mut sending, _answering) = runtime.block_on(connection.begin("/a/B", &HeaderMap::new())).unwrap();
    let lent = vec![7_u8; 900_000];
    let rest = loop {
        match sending.send_here(&Bytes::from_static(b"head"), &[&lent]) {
            SentHere::InPart(rest) => break rest,
            SentHere::Whole => (),
            // The connection's task has its turn.
            SentHere::Busy | SentHere::Shut => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    assert!(!rest.is_cancelled());
    drop(lent);
    runtime.block_on(served).unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(5), rest.cancelled()).await }).unwrap();
    // The connection has ended: nothing is sent from here any more.
    assert!(matches!(sending.send_here(&Bytes::from_static(b"head"), &[b"body"]), SentHere::Busy | SentHere::Shut));
}
