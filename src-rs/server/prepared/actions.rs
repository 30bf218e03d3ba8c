//! The actions that prepare a statement and forget it again.

use std::sync::Arc;

use arrow_flight::sql::{
    ActionClosePreparedStatementRequest, ActionCreatePreparedStatementRequest, ActionCreatePreparedStatementResult, Any, ProstMessageExt,
};
use arrow_flight::{Action, ActionType};
use bytes::Bytes;
use prost::Message;
use tonic::Status;

use super::parameters;
use crate::server::results::{ResultColumns, encapsulated};
use crate::server::sqlite::Cursor;
use crate::server::state::State;
use crate::server::statement::refuse_writing;
use crate::server::{blocking, service};

const CREATE: &str = "CreatePreparedStatement";
const CLOSE: &str = "ClosePreparedStatement";

const SUPPORTED: [(&str, &str); 2] = [
    (CREATE, "Prepares a statement. Takes an ActionCreatePreparedStatementRequest, and answers an ActionCreatePreparedStatementResult."),
    (CLOSE, "Forgets a prepared statement. Takes an ActionClosePreparedStatementRequest, and answers nothing."),
];

/// Does what an action asks for; some answer nothing.
pub(in super::super) async fn answer(state: &Arc<State>, action: Action) -> Result<Option<arrow_flight::Result>, Status> {
    match action.r#type.as_str() {
        CREATE => {
            let created = create(state, unpack(&action)?).await?;
            Ok(Some(arrow_flight::Result { body: created.as_any().encode_to_vec().into() }))
        }
        CLOSE => {
            let request: ActionClosePreparedStatementRequest = unpack(&action)?;
            state.prepared.remove(&request.prepared_statement_handle)?;
            Ok(None)
        }
        name => {
            let known: Vec<_> = SUPPORTED.iter().map(|(name, _)| *name).collect();
            Err(Status::unimplemented(format!(
                "the action {name:?} is not supported by the embedded server, which knows {}",
                known.join(" and ")
            )))
        }
    }
}

/// The actions that [`answer`] knows.
pub(in super::super) fn list() -> impl Iterator<Item = ActionType> {
    SUPPORTED.iter().map(|(name, description)| ActionType { r#type: (*name).to_owned(), description: (*description).to_owned() })
}

async fn create(state: &Arc<State>, request: ActionCreatePreparedStatementRequest) -> Result<ActionCreatePreparedStatementResult, Status> {
    service::refuse_transaction(request.transaction_id.as_deref())?;
    let sql = request.query;
    blocking::run(state, move |state, stopper| {
        let cursor = Cursor::prepare(&state.database, &sql, stopper)?;
        let (parameters, columns, only_reads) = (cursor.parameter_names(), ResultColumns::of(&cursor), cursor.only_reads());
        cursor.finish();
        if !only_reads {
            refuse_writing(state)?;
        }
        let parameter_schema = encapsulated(&parameters::schema(&parameters))?;
        // A column whose type only values show is announced as one that has none.
        let dataset_schema = match columns.iter().len() {
            0 => Bytes::new(),
            _ => encapsulated(&columns.schema())?,
        };
        let prepared_statement_handle = state.prepared.add(sql, parameters, &state.keys)?.into();
        Ok(ActionCreatePreparedStatementResult { prepared_statement_handle, dataset_schema, parameter_schema })
    })
    .await
}

fn unpack<M: ProstMessageExt>(action: &Action) -> Result<M, Status> {
    let name = &action.r#type;
    let foreign = |why: String| Status::invalid_argument(format!("the body of the action {name:?} is not its request: {why}"));
    let any = Any::decode(&*action.body).map_err(|error| foreign(error.to_string()))?;
    let request = any.unpack().map_err(|error| foreign(error.to_string()))?;
    request.ok_or_else(|| foreign(format!("it is {:?} where {:?} is right", any.type_url, M::type_url())))
}
