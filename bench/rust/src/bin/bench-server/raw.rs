//! Plain TCP: a line with the query comes in; three numbers (the bytes of a body, their number, the offset of the first
//! column's values; 64-bit, little-endian) and the bodies go out. What `tcp-copy` reads.

use std::sync::Arc;

use bench::query::Query;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::Outcome;
use crate::encoded::EncodedShapes;

pub async fn accept(listener: TcpListener, shapes: Arc<EncodedShapes>) {
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                let shapes = shapes.clone();
                tokio::spawn(async move {
                    if let Err(error) = serve(socket, &shapes).await {
                        eprintln!("a plain connection failed: {error}");
                    }
                });
            }
            Err(error) => eprintln!("a plain connection was not accepted: {error}"),
        }
    }
}

async fn serve(socket: TcpStream, shapes: &EncodedShapes) -> Outcome<()> {
    socket.set_nodelay(true)?;
    let mut socket = BufReader::new(socket);
    let mut line = String::new();
    socket.read_line(&mut line).await?;
    let query: Query = line.trim_end().parse()?;
    let shape = shapes.get(&query)?;
    let batches = query.batches(shape.body.len() as u64);
    let mut socket = socket.into_inner();
    for number in [shape.body.len() as u64, batches, shape.id_offset as u64] {
        socket.write_u64_le(number).await?;
    }
    for _ in 0..batches {
        socket.write_all(&shape.body).await?;
    }
    Ok(socket.shutdown().await?)
}
