//! The actions that there are.

use arrow_flight::Empty;
use futures::TryStreamExt;
use tonic::Code;

use super::Fixture;

#[tokio::test]
async fn every_action_that_is_listed_is_there_and_described() {
    let fixture = Fixture::start().await;
    let actions: Vec<_> = fixture.client.clone().list_actions(Empty {}).await.unwrap().into_inner().try_collect().await.unwrap();
    let names: Vec<_> = actions.iter().map(|action| action.r#type.as_str()).collect();
    assert_eq!(
        names,
        [
            "CancelFlightInfo",
            "CancelQuery",
            "RenewFlightEndpoint",
            "SetSessionOptions",
            "GetSessionOptions",
            "CloseSession",
            "CreatePreparedStatement",
            "ClosePreparedStatement",
            "BeginTransaction",
            "EndTransaction",
            "BeginSavepoint",
            "EndSavepoint",
        ]
    );
    for action in &actions {
        assert!(action.description.len() > 20, "{action:?}");
        // Garbage for a request: it is refused for that, not for its name.
        let status = fixture.act(&action.r#type, vec![0xff]).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{}: {status}", action.r#type);
    }
}

#[tokio::test]
async fn an_action_that_there_is_not_is_named() {
    let fixture = Fixture::start().await;
    let status = fixture.act("Reticulate", Vec::new()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert!(status.message().contains("\"Reticulate\""), "{status}");
}
