//! Renewing the endpoints of results that are kept.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arrow_array::StringArray;
use arrow_flight::sql::CommandGetCatalogs;
use arrow_flight::{CancelFlightInfoRequest, FlightClient, FlightEndpoint, RenewFlightEndpointRequest};
use prost::Message;
use tonic::{Code, Status};

use super::{Fixture, batch, rows};
use crate::server::ServerOptions;

impl Fixture {
    async fn renew(&self, endpoint: &FlightEndpoint) -> Result<FlightEndpoint, Status> {
        let request = RenewFlightEndpointRequest { endpoint: Some(endpoint.clone()) };
        Ok(FlightEndpoint::decode(&self.act("RenewFlightEndpoint", request.encode_to_vec()).await?[..]).unwrap())
    }
}

async fn keeping(kept_for: Duration) -> Fixture {
    Fixture::with(ServerOptions { kept_for, endpoints: 2, ..Default::default() }).await
}

fn expiration(endpoint: &FlightEndpoint) -> SystemTime {
    let time = endpoint.expiration_time.as_ref().unwrap();
    UNIX_EPOCH + Duration::new(time.seconds.cast_unsigned(), time.nanos.cast_unsigned())
}

#[tokio::test]
async fn a_renewed_endpoint_is_kept_past_its_first_expiration() {
    let lifetime = Duration::from_secs(2);
    let fixture = keeping(lifetime).await;
    let info = fixture.info("SELECT 1 AS one UNION ALL SELECT 2").await.unwrap();
    let first = expiration(&info.endpoint[0]);
    let mut endpoint = info.endpoint[0].clone();
    while SystemTime::now() < first + lifetime / 2 {
        let before = SystemTime::now();
        let renewed = fixture.renew(&endpoint).await.unwrap();
        assert!(expiration(&renewed) > expiration(&endpoint));
        assert!((before + lifetime..=SystemTime::now() + lifetime).contains(&expiration(&renewed)), "it is for the lifetime, no longer");
        endpoint = renewed;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(endpoint.ticket, info.endpoint[0].ticket);
    // The result is kept as a whole, so the other endpoint is as well.
    for (ticket, expected) in [(&endpoint.ticket, "1"), (&info.endpoint[1].ticket, "2")] {
        assert_eq!(rows(&fixture.read(ticket.as_ref().unwrap()).await.unwrap().1[0]), [expected]);
    }
}

#[tokio::test]
async fn an_endpoint_that_has_expired_is_not_renewed() {
    let fixture = keeping(Duration::ZERO).await;
    let info = fixture.info("SELECT 1 AS one").await.unwrap();
    let status = fixture.renew(&info.endpoint[0]).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert!(status.message().contains("is not kept any more: it was for 0 s"), "{status}");
}

#[tokio::test]
async fn what_does_not_expire_or_is_not_of_this_server_is_refused() {
    let fixture = keeping(Duration::from_secs(60)).await;
    let kept = fixture.info("SELECT 1 AS one").await.unwrap();
    let live = fixture.clone().header("x-flightsql-endpoints", 1).info("SELECT 1 AS one").await.unwrap();
    let metadata = fixture.info_of(&CommandGetCatalogs {}).await.unwrap();
    let foreign = keeping(Duration::from_secs(60)).await.info("SELECT 1").await.unwrap();
    let cancelled = fixture.info("SELECT 1 AS one").await.unwrap();
    let cancel = CancelFlightInfoRequest { info: Some(cancelled.clone()) };
    fixture.act("CancelFlightInfo", cancel.encode_to_vec()).await.unwrap();
    for (endpoint, code, message) in [
        (&live.endpoint[0], Code::InvalidArgument, "does not expire"),
        (&metadata.endpoint[0], Code::InvalidArgument, "does not expire"),
        (&foreign.endpoint[0], Code::NotFound, "was not made by this server"),
        (&FlightEndpoint::new(), Code::NotFound, "it has no ticket"),
        (&cancelled.endpoint[0], Code::Cancelled, "was cancelled"),
    ] {
        let status = fixture.renew(endpoint).await.unwrap_err();
        assert_eq!(status.code(), code, "{status}");
        assert!(status.message().contains(message), "{status}");
    }
    let status = fixture.act("RenewFlightEndpoint", Vec::new()).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    fixture.renew(&kept.endpoint[0]).await.unwrap();
}

#[tokio::test]
async fn the_client_of_arrow_flight_renews() {
    let fixture = keeping(Duration::from_secs(60)).await;
    let endpoint = fixture.info("SELECT 1 AS one").await.unwrap().endpoint[0].clone();
    let mut client = FlightClient::new_from_inner(fixture.client.clone());
    let renewed = client.renew_flight_endpoint(RenewFlightEndpointRequest::new(endpoint.clone())).await.unwrap();
    assert_eq!(renewed.ticket, endpoint.ticket);
    assert!(expiration(&renewed) > expiration(&endpoint));
}

#[tokio::test]
async fn values_that_are_kept_for_a_ticket_are_renewed() {
    let lifetime = Duration::from_secs(2);
    let fixture = Fixture::with(ServerOptions { kept_for: lifetime, ..Default::default() }).await;
    let handle = fixture.prepared("SELECT length(?1) AS \"n [INTEGER]\"").await;
    // Too long to travel with a ticket.
    fixture.bind(&handle, &[batch([("1", Arc::new(StringArray::from(vec!["x".repeat(100_000)])))])]).await.unwrap();
    let first = fixture.prepared_info(&handle).await.unwrap().endpoint[0].clone();
    let mut endpoint = first.clone();
    while SystemTime::now() < expiration(&first) + lifetime / 2 {
        let renewed = fixture.renew(&endpoint).await.unwrap();
        assert!(expiration(&renewed) > expiration(&endpoint));
        endpoint = renewed;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(rows(&fixture.read(endpoint.ticket.as_ref().unwrap()).await.unwrap().1[0]), ["100000"]);
    tokio::time::sleep(lifetime + Duration::from_millis(100)).await;
    let status = fixture.renew(&endpoint).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert!(status.message().contains("values of this ticket are not kept any more"), "{status}");
}
