//! Messages that are compressed by gRPC.

use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{FlightDescriptor, Ticket};
use tonic::codec::CompressionEncoding::{self, Gzip, Zstd};
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;
use tonic::{Code, Request};

use super::{Fixture, rows};
use crate::server::ServerOptions;

const SQL: &str = "SELECT printf('%01000d', 7) AS padded";

impl Fixture {
    /// The same client, changed.
    fn calling(mut self, change: impl FnOnce(FlightServiceClient<Channel>) -> FlightServiceClient<Channel>) -> Self {
        self.client = change(self.client);
        self
    }

    async fn ticket(&self) -> Ticket {
        self.info(SQL).await.unwrap().endpoint[0].ticket.clone().unwrap()
    }

    /// What a stream's messages are compressed with.
    async fn encoding_of_a_stream(&self, accepted: Option<&'static str>) -> Option<String> {
        let mut request = Request::new(self.ticket().await);
        if let Some(accepted) = accepted {
            request.metadata_mut().insert("grpc-accept-encoding", accepted.parse().unwrap());
        }
        encoding(self.client.clone().do_get(request).await.unwrap().metadata())
    }
}

fn encoding(headers: &MetadataMap) -> Option<String> {
    headers.get("grpc-encoding").map(|encoding| encoding.to_str().unwrap().to_owned())
}

fn name(encoding: CompressionEncoding) -> String {
    encoding.to_string()
}

#[tokio::test]
async fn replies_are_compressed_for_clients_that_offer_to_take_them_so() {
    let fixture = Fixture::start().await;
    for accepted in [Gzip, Zstd] {
        let fixture = fixture.clone().calling(|client| client.accept_compressed(accepted));
        assert_eq!(fixture.encoding_of_a_stream(None).await, Some(name(accepted)));
        assert_eq!(rows(&fixture.query(SQL).await.unwrap()), [format!("{}7", "0".repeat(999))]);
        let descriptor = FlightDescriptor::new_cmd(fixture.ticket().await.ticket);
        // Errors come as they are.
        assert_eq!(fixture.client.clone().get_flight_info(descriptor).await.unwrap_err().code(), Code::Unimplemented);
    }
}

#[tokio::test]
async fn replies_are_not_compressed_for_clients_that_offer_nothing_known() {
    let fixture = Fixture::start().await;
    for accepted in [None, Some("identity"), Some("identity,deflate,snappy")] {
        assert_eq!(fixture.encoding_of_a_stream(accepted).await, None, "{accepted:?}");
    }
}

#[tokio::test]
async fn requests_may_be_compressed() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a TEXT)").await;
    for sent in [Gzip, Zstd] {
        let fixture = fixture.clone().calling(|client| client.send_compressed(sent));
        assert_eq!(fixture.update(&format!("INSERT INTO t VALUES ('{}')", "x".repeat(100_000))).await.unwrap(), 1);
        // The reply is for the client to ask for.
        assert_eq!(fixture.encoding_of_a_stream(None).await, None);
    }
    assert_eq!(rows(&fixture.query("SELECT sum(length(a)) FROM t").await.unwrap()), ["200000"]);
}

#[tokio::test]
async fn the_limit_of_a_message_is_for_what_it_holds() {
    let fixture = Fixture::with(ServerOptions { max_message_bytes: 100_000, ..Default::default() }).await;
    for sent in [Gzip, Zstd] {
        let fixture = fixture.clone().calling(|client| client.send_compressed(sent));
        let status = fixture.update(&format!("SELECT '{}'", "x".repeat(1_000_000))).await.unwrap_err();
        assert!(!status.message().contains("run it as a query"), "it was read: {status}");
        assert!(matches!(status.code(), Code::OutOfRange | Code::ResourceExhausted | Code::Internal), "{status}");
    }
}
