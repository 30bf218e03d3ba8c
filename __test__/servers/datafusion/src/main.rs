//! DataFusion behind `datafusion-flight-sql-server`, on loopback:
//!
//! ```text
//! flightsql-datafusion-server serve port=PORT [bearer=TOKEN] [tls=none|tls|mtls] [certs=DIR] [compression=none|gzip|zstd|deflate]
//! flightsql-datafusion-server plan 'SELECT …'
//! ```
//!
//! `serve` prints a line when it listens. `plan` writes a query over the tables of the server as a Substrait plan to its
//! output. `certs` is the folder of `server.pem`, `server.key` and `ca.pem`.

mod options;
mod serve;
mod tables;

use std::error::Error;
use std::io::Write as _;

use datafusion_substrait::serializer::serialize_bytes;

use crate::options::Options;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve", options @ ..] => serve::serve(Options::parse(options)?).await,
        ["plan", sql] => {
            let plan = serialize_bytes(sql, &tables::session().await?).await?;
            Ok(std::io::stdout().write_all(&plan)?)
        }
        _ => Err("the first argument must be serve or plan; the second of plan is a query".into()),
    }
}
