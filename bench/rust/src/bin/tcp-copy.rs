//! The limit: the same bytes over a plain TCP connection on loopback, read into a fresh buffer a batch.
//!
//! The server writes the bodies of the batches one after another, without HTTP/2, gRPC or Arrow's metadata; this reads
//! each into memory of its own, which is what a client at least has to do.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

use bench::arguments::{Mode, Run};
use bench::meter::Meter;
use bench::query::Query;
use bench::report::{self, Tally};
use rustix::buffer::spare_capacity;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    report::finish(run())
}

fn run() -> Outcome<()> {
    let run = Run::from_command_line()?;
    let warmup = read(&run, &run.warmup, true)?;
    let meter = Meter::begin();
    read(&run, &run.measured, false)?;
    let first = meter.end();
    let meter = Meter::begin();
    let measured = read(&run, &run.measured, false)?;
    let cost = meter.end();
    report::print(run.mode, warmup, measured, &first, &cost);
    Ok(())
}

/// Reads one query's bodies; `check` adds up the first column.
fn read(run: &Run, query: &Query, check: bool) -> Outcome<Tally> {
    let mut socket = TcpStream::connect(&run.address)?;
    socket.set_nodelay(true)?;
    writeln!(socket, "{query}")?;
    let [body_bytes, batches, id_offset] = header(&mut socket)?;
    let mut tally = Tally::default();
    let mut kept = Vec::new();
    for _ in 0..batches {
        let body = read_body(&socket, body_bytes as usize)?;
        tally.rows += query.rows as u64;
        if check {
            tally.checksum = tally.checksum.wrapping_add(sum(&body[id_offset as usize..], query.rows));
        }
        if run.mode == Mode::Table {
            kept.push(body);
        }
    }
    Ok(tally)
}

/// What comes before the bodies: the bytes of each, their number, and where in one the first column's values begin.
fn header(socket: &mut TcpStream) -> Outcome<[u64; 3]> {
    let mut header = [[0; 8]; 3];
    socket.read_exact(header.as_flattened_mut())?;
    Ok(header.map(u64::from_le_bytes))
}

fn read_body(socket: &TcpStream, body_bytes: usize) -> Outcome<Vec<u8>> {
    // The capacity is what bounds the reads: the next body has to land in the next buffer.
    let mut body = Vec::with_capacity(body_bytes);
    while body.len() < body_bytes {
        if rustix::io::read(socket, spare_capacity(&mut body))? == 0 {
            return Err(format!("the connection ended within a body, after {} of {body_bytes} bytes", body.len()).into());
        }
    }
    if body.len() > body_bytes {
        return Err("the allocator gave a larger buffer than asked for, and a read went past the body".into());
    }
    Ok(body)
}

fn sum(values: &[u8], rows: usize) -> i64 {
    let (values, _) = values.as_chunks::<8>();
    values[..rows].iter().fold(0, |sum, value| sum.wrapping_add(i64::from_le_bytes(*value)))
}
