//! The gRPC server around DataFusion's service.

use std::error::Error;
use std::fs::read;
use std::net::Ipv4Addr;

use arrow_flight::flight_service_server::FlightServiceServer;
use datafusion_flight_sql_server::service::FlightSqlService;
use tokio::net::TcpListener;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic::{Request, Status};

use crate::options::{Options, Tls};
use crate::tables;

/// A batch of parameters may be larger than the 4 MiB that tonic takes.
const MAX_MESSAGE: usize = 256 * 1024 * 1024;

/// Serves until the process is ended.
pub async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let service = FlightSqlService::new(tables::session().await?.state());
    let mut service = FlightServiceServer::new(service).max_decoding_message_size(MAX_MESSAGE);
    if let Some(encoding) = options.compression {
        service = service.accept_compressed(encoding).send_compressed(encoding);
    }
    let mut server = Server::builder();
    if let Some(tls) = tls_of(&options.tls)? {
        server = server.tls_config(tls)?;
    }
    let expected = options.bearer.map(|token| format!("Bearer {token}"));
    let guarded = InterceptedService::new(service, move |request| check(request, expected.as_deref()));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    println!("listening on {}", listener.local_addr()?);
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    Ok(server.add_service(guarded).serve_with_incoming(incoming).await?)
}

fn tls_of(tls: &Tls) -> Result<Option<ServerTlsConfig>, Box<dyn Error>> {
    let (folder, is_mutual) = match tls {
        Tls::None => return Ok(None),
        Tls::Server(folder) => (folder, false),
        Tls::Mutual(folder) => (folder, true),
    };
    let identity = Identity::from_pem(read(folder.join("server.pem"))?, read(folder.join("server.key"))?);
    let config = ServerTlsConfig::new().identity(identity);
    if !is_mutual {
        return Ok(Some(config));
    }
    Ok(Some(config.client_ca_root(Certificate::from_pem(read(folder.join("ca.pem"))?))))
}

/// Refuses a call without the token that is `expected`.
fn check(request: Request<()>, expected: Option<&str>) -> Result<Request<()>, Status> {
    let given = request.metadata().get("authorization").and_then(|value| value.to_str().ok());
    if expected.is_none() || given == expected {
        return Ok(request);
    }
    Err(Status::unauthenticated("the bearer token is wrong or missing"))
}
