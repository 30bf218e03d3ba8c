//! A Flight SQL server whose results are encoded before anyone asks: sending one costs the system calls and nothing
//! else, so that what is measured is the client.
//!
//! Prints one line of JSON when it listens, and ends when its standard input does.

mod checked;
mod connection;
mod encoded;
mod one_row;
mod raw;
mod service;
mod stream;
mod upload;

use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;

use bench::report;
use tokio::net::TcpListener;

use crate::encoded::EncodedShapes;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    report::finish(serve().await)
}

async fn serve() -> Outcome<()> {
    let shapes = Arc::new(EncodedShapes::new().await?);
    let flight = TcpListener::bind("127.0.0.1:0").await?;
    let raw = TcpListener::bind("127.0.0.1:0").await?;
    println!(r#"{{"port":{},"rawPort":{},"batches":[{}]}}"#, flight.local_addr()?.port(), raw.local_addr()?.port(), shapes.described(),);
    tokio::spawn(raw::accept(raw, shapes.clone()));
    tokio::spawn(connection::accept(flight, shapes));
    tokio::task::spawn_blocking(until_stdin_ends).await?;
    std::process::exit(0)
}

fn until_stdin_ends() {
    let mut ignored = [0; 64];
    while std::io::stdin().read(&mut ignored).is_ok_and(|read| read > 0) {}
}
