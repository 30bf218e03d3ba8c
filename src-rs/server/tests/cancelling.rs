//! Cancelling queries by what `GetFlightInfo` answered.

use std::sync::Arc;

use arrow_array::{Int64Array, StringArray};
use arrow_flight::sql::{ActionCancelQueryRequest, ActionCancelQueryResult, Any, CommandGetCatalogs, ProstMessageExt};
use arrow_flight::{CancelFlightInfoRequest, CancelFlightInfoResult, CancelStatus, FlightClient, FlightEndpoint, FlightInfo, Ticket};
use prost::Message;
use tonic::{Code, Status};

use super::streaming::{ENDLESS, assert_released, settled};
use super::{Fixture, batch, rows};

impl Fixture {
    async fn cancel(&self, info: &FlightInfo) -> Result<CancelStatus, Status> {
        let request = CancelFlightInfoRequest { info: Some(info.clone()) };
        let body = self.act("CancelFlightInfo", request.encode_to_vec()).await?;
        Ok(CancelFlightInfoResult::decode(&body[..]).unwrap().status())
    }
}

fn ticket(info: &FlightInfo) -> Ticket {
    info.endpoint[0].ticket.clone().unwrap()
}

#[tokio::test]
async fn cancelling_ends_a_statement_that_is_read() {
    let fixture = Fixture::start().await;
    let info = fixture.info(ENDLESS).await.unwrap();
    let mut stream = fixture.client.clone().do_get(ticket(&info)).await.unwrap().into_inner();
    stream.message().await.unwrap().unwrap();
    assert_eq!(fixture.server.stats().open_statements, 1);
    // The client reads on, so that the statement computes.
    let reading = tokio::spawn(async move {
        loop {
            match stream.message().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("an endless stream ended well"),
                Err(status) => break status,
            }
        }
    });
    assert_eq!(fixture.cancel(&info).await.unwrap(), CancelStatus::Cancelled);
    assert_eq!(fixture.server.stats().open_statements, 0, "it says that the query has ended");
    let status = reading.await.unwrap();
    assert_eq!(status.code(), Code::Cancelled);
    assert_eq!(status.message(), "the query was cancelled");
}

#[tokio::test]
async fn cancelling_ends_a_statement_that_waits_for_its_client() {
    let fixture = Fixture::start().await;
    let info = fixture.info(ENDLESS).await.unwrap();
    let mut stream = fixture.client.clone().do_get(ticket(&info)).await.unwrap().into_inner();
    settled(&fixture).await;
    assert_eq!(fixture.server.stats().open_statements, 1);
    assert_eq!(fixture.cancel(&info).await.unwrap(), CancelStatus::Cancelled);
    assert_eq!(fixture.server.stats().open_statements, 0);
    // What was sent before arrives, and then why there is no more.
    let status = loop {
        if let Err(status) = stream.message().await {
            break status;
        }
    };
    assert_eq!(status.message(), "the query was cancelled");
}

#[tokio::test]
async fn cancelling_ends_a_statement_in_the_middle_of_a_step() {
    let fixture = Fixture::start().await;
    // The declared type lets it begin when it is read.
    let info = fixture.info("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS \"n [INTEGER]\" FROM n");
    let info = info.await.unwrap();
    let reading = tokio::spawn({
        let (fixture, ticket) = (fixture.clone(), ticket(&info));
        async move { fixture.read(&ticket).await.unwrap_err() }
    });
    while fixture.server.stats().computing == 0 {
        tokio::task::yield_now().await;
    }
    while fixture.cancel(&info).await.unwrap() != CancelStatus::Cancelled {}
    assert_released(&fixture).await;
    let status = reading.await.unwrap();
    assert_eq!(status.code(), Code::Cancelled, "{status}");
    assert!(status.message().contains("was cancelled"), "{status}");
}

#[tokio::test]
async fn cancelling_drops_a_query_that_was_begun_and_not_read() {
    let fixture = Fixture::start().await;
    let info = fixture.info(ENDLESS).await.unwrap();
    let other = fixture.info("SELECT 2 AS two").await.unwrap();
    assert_eq!(fixture.server.stats().waiting_results, 2);
    assert_eq!(fixture.server.stats().open_statements, 1);
    assert_eq!(fixture.cancel(&info).await.unwrap(), CancelStatus::Cancelled);
    assert_eq!(fixture.server.stats().waiting_results, 1);
    assert_eq!(fixture.server.stats().open_statements, 0);
    assert_eq!(rows(&fixture.read(&ticket(&other)).await.unwrap().1[0]), ["2"]);
}

#[tokio::test]
async fn cancelling_forgets_a_result_that_is_kept() {
    let fixture = Fixture::start().await.header("x-flightsql-endpoints", 3);
    let info = fixture.info("SELECT 1 AS one").await.unwrap();
    assert_eq!(fixture.server.stats().kept_results, 1);
    assert_eq!(fixture.cancel(&info).await.unwrap(), CancelStatus::Cancelled);
    assert_eq!(fixture.server.stats().kept_results, 0);
    assert_eq!(fixture.server.stats().kept_bytes, 0);
    for endpoint in &info.endpoint {
        assert_eq!(fixture.read(endpoint.ticket.as_ref().unwrap()).await.unwrap_err().code(), Code::Cancelled);
    }
}

#[tokio::test]
async fn the_tickets_of_a_cancelled_query_are_refused_and_those_of_others_are_not() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (7)").await;
    let (info, same) = (fixture.info("SELECT a FROM t").await.unwrap(), fixture.info("SELECT a FROM t").await.unwrap());
    for _ in 0..2 {
        assert_eq!(fixture.cancel(&info).await.unwrap(), CancelStatus::Cancelled);
        let status = fixture.read(&ticket(&info)).await.unwrap_err();
        assert_eq!(status.code(), Code::Cancelled);
        assert_eq!(status.message(), "the query of this ticket was cancelled; run it again for new tickets");
    }
    assert_eq!(rows(&fixture.read(&ticket(&same)).await.unwrap().1[0]), ["7"]);
}

#[tokio::test]
async fn what_a_statement_wrote_stays_written() {
    let fixture = Fixture::with_sql("CREATE TABLE t (a INTEGER)").await;
    let info = fixture.info("INSERT INTO t VALUES (1) RETURNING a").await.unwrap();
    assert_eq!(fixture.cancel(&info).await.unwrap(), CancelStatus::Cancelled);
    assert_eq!(fixture.read(&ticket(&info)).await.unwrap_err().code(), Code::Cancelled);
    assert_eq!(rows(&fixture.query("SELECT a FROM t").await.unwrap()), ["1"]);
}

#[tokio::test]
async fn what_is_no_query_of_this_server_is_not_cancelled() {
    let fixture = Fixture::start().await;
    let metadata = fixture.info_of(&CommandGetCatalogs {}).await.unwrap();
    assert_eq!(fixture.cancel(&metadata).await.unwrap(), CancelStatus::NotCancellable);
    let other = Fixture::start().await;
    let foreign = other.info("SELECT 1").await.unwrap();
    let none = FlightInfo::new().with_endpoint(FlightEndpoint::new());
    let garbage = FlightInfo::new().with_endpoint(FlightEndpoint::new().with_ticket(Ticket::new("x")));
    for info in [foreign, FlightInfo::new(), none, garbage] {
        assert_eq!(fixture.cancel(&info).await.unwrap_err().code(), Code::NotFound, "{info}");
    }
    let empty = fixture.act("CancelFlightInfo", Vec::new()).await.unwrap_err();
    assert_eq!(empty.code(), Code::InvalidArgument);
    assert!(empty.message().contains("names no FlightInfo"), "{empty}");
}

#[tokio::test]
async fn the_client_of_arrow_flight_cancels() {
    let fixture = Fixture::start().await;
    let info = fixture.info("SELECT 1 AS one").await.unwrap();
    let mut client = FlightClient::new_from_inner(fixture.client.clone());
    let result = client.cancel_flight_info(CancelFlightInfoRequest::new(info)).await.unwrap();
    assert_eq!(result.status(), CancelStatus::Cancelled);
    assert_released(&fixture).await;
}

#[tokio::test]
async fn the_older_action_of_flight_sql_cancels_too() {
    let fixture = Fixture::start().await;
    let info = fixture.info("SELECT 1 AS one").await.unwrap();
    let request = ActionCancelQueryRequest { info: info.encode_to_vec().into() };
    let body = fixture.act("CancelQuery", request.as_any().encode_to_vec()).await.unwrap();
    let result: ActionCancelQueryResult = Any::decode(&body[..]).unwrap().unpack().unwrap().unwrap();
    assert_eq!(result.result, CancelStatus::Cancelled as i32);
    assert_eq!(fixture.server.stats().waiting_results, 0);
    assert_eq!(fixture.read(&ticket(&info)).await.unwrap_err().code(), Code::Cancelled);
    // The request as it is, without the `Any` around it, is not what Flight SQL sends.
    let plain = fixture.act("CancelQuery", request.encode_to_vec()).await.unwrap_err();
    assert_eq!(plain.code(), Code::InvalidArgument, "{plain}");
}

#[tokio::test]
async fn cancelling_a_prepared_query_leaves_the_statement_and_its_values() {
    let fixture = Fixture::start().await;
    let handle = fixture
        .prepared(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
            SELECT i AS \"i [INTEGER]\", zeroblob(1000) AS \"filler [BLOB]\" FROM n",
        )
        .await;
    fixture.bind(&handle, &[batch([("1", Arc::new(Int64Array::from(vec![i64::MAX])))])]).await.unwrap();
    let (info, other) = (fixture.prepared_info(&handle).await.unwrap(), fixture.prepared_info(&handle).await.unwrap());
    let mut streams = Vec::new();
    for info in [&info, &other] {
        let mut stream = fixture.client.clone().do_get(ticket(info)).await.unwrap().into_inner();
        stream.message().await.unwrap().unwrap();
        streams.push(stream);
    }
    assert_eq!(fixture.cancel(&info).await.unwrap(), CancelStatus::Cancelled);
    assert_eq!(fixture.server.stats().open_statements, 1, "the other run of the statement goes on");
    let status = loop {
        if let Err(status) = streams[0].message().await {
            break status;
        }
    };
    assert_eq!(status.message(), "the query was cancelled");
    assert_eq!(fixture.read(&ticket(&info)).await.unwrap_err().code(), Code::Cancelled);
    assert_eq!(fixture.cancel(&other).await.unwrap(), CancelStatus::Cancelled);
    assert_eq!(fixture.server.stats().open_statements, 0);
    fixture.bind(&handle, &[batch([("1", Arc::new(Int64Array::from(vec![2])))])]).await.unwrap();
    assert_eq!(fixture.execute(&handle).await.unwrap().num_rows(), 2);
}

#[tokio::test]
async fn cancelling_one_query_leaves_the_values_that_the_server_keeps_for_another() {
    let fixture = Fixture::start().await;
    let handle = fixture.prepared("SELECT length(?1) AS \"n [INTEGER]\"").await;
    // Too long to travel with a ticket.
    let long = "x".repeat(100_000);
    fixture.bind(&handle, &[batch([("1", Arc::new(StringArray::from(vec![long])))])]).await.unwrap();
    let (info, other) = (fixture.prepared_info(&handle).await.unwrap(), fixture.prepared_info(&handle).await.unwrap());
    assert_eq!(fixture.cancel(&info).await.unwrap(), CancelStatus::Cancelled);
    assert_eq!(fixture.read(&ticket(&info)).await.unwrap_err().code(), Code::Cancelled);
    assert_eq!(rows(&fixture.read(&ticket(&other)).await.unwrap().1[0]), ["100000"]);
}
