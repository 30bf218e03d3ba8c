//! A query in SQL: from `GetFlightInfo` to the rows behind its tickets.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use arrow_flight::{FlightDescriptor, FlightEndpoint, FlightInfo, Ticket};
use arrow_schema::Schema;
use tonic::Status;

use super::call::CallOptions;
use super::queries::Reading;
use super::query::Query;
use super::results::{BatchShape, Kept, KeptRange, LiveRows, ResultColumns, Rows, ValueClass};
use super::scope::Scope;
use super::sqlite::{Cursor, Stopper};
use super::state::State;
use super::ticket::{KeptSource, QuerySource, Source, StatementTicket, Values};
use super::{blocking, transactions, update};

/// A query that has been prepared, and begun if there was no other way to know its types.
pub(super) enum Prepared {
    /// It runs when its ticket comes back.
    Later(ResultColumns),
    Begun(Box<LiveRows>),
    /// It changes the database, so it runs once, now, and waits for its turn first.
    Writes,
}

/// Answers a query: its schema, and the tickets that its rows are read by.
///
/// A query that reads runs while its rows are read. It has begun before only where a column has no declared type,
/// so that the values have to tell. A statement that writes runs here, whole, exactly once, however often its
/// tickets are read; one that returns no rows is a result without columns. So does a query for several endpoints, and
/// one of a transaction: the next statement of that needs its connection.
pub(super) async fn flight_info(
    state: &Arc<State>,
    query: Query,
    options: CallOptions,
    descriptor: FlightDescriptor,
) -> Result<FlightInfo, Status> {
    let scope = Scope::of(state, query.transaction()).await?;
    if scope.is_transaction() {
        let kept = transactions::query(state, scope, query, options.shape).await?;
        return kept_info(state, kept, options, descriptor);
    }
    let (scope, prepared) = {
        let query = query.clone();
        blocking::run(state, move |state, stopper| {
            let prepared = prepare(state, &scope, &query, options.shape, stopper)?;
            Ok((scope, prepared))
        })
        .await?
    };
    match prepared {
        Prepared::Writes => {
            let scope = scope.writing(&state.database).await?;
            let kept = update::returning(state, scope, query, options.shape, Stopper::default()).await?;
            kept_info(state, kept, options, descriptor)
        }
        Prepared::Begun(rows) if options.endpoints > 1 => {
            let kept = read_all(state, rows).await?;
            kept_info(state, kept, options, descriptor)
        }
        Prepared::Later(columns) if options.endpoints > 1 => {
            let shape = options.shape;
            let rows = blocking::run(state, move |state, stopper| begin(state, &query, &columns, shape, stopper)).await?;
            let kept = read_all(state, rows).await?;
            kept_info(state, kept, options, descriptor)
        }
        Prepared::Begun(rows) => {
            let columns = rows.columns().clone();
            let values = query.ticket_values(state)?;
            let id = state.waiting.wait(*rows);
            query_info(state, QuerySource::new(query.sql().to_owned(), values, id, &columns), &columns, options, descriptor)
        }
        Prepared::Later(columns) => {
            let values = query.ticket_values(state)?;
            query_info(state, QuerySource::new(query.sql().to_owned(), values, 0, &columns), &columns, options, descriptor)
        }
    }
}

/// The schema of a query's result, without anything else of it.
pub(super) async fn schema(state: &Arc<State>, query: Query) -> Result<Arc<Schema>, Status> {
    let scope = Scope::of(state, query.transaction()).await?;
    blocking::run(state, move |state, stopper| {
        if query.lacks_values() {
            // As it was announced when it was prepared: without values nothing shows more.
            return Ok(columns_of(&scope, &query, stopper)?.schema());
        }
        match prepare(state, &scope, &query, BatchShape::DEFAULT, stopper)? {
            Prepared::Later(columns) => Ok(columns.schema()),
            Prepared::Begun(rows) => Ok(Arc::clone(rows.schema())),
            Prepared::Writes => {
                let columns = columns_of(&scope, &query, stopper)?;
                if columns.are_open() {
                    return Err(Status::failed_precondition(
                        "the statement writes, and the types of what it returns show only when it runs; cast them",
                    ));
                }
                Ok(columns.schema())
            }
        }
    })
    .await
}

/// The rows that a ticket stands for, unless its query was cancelled.
pub(super) async fn read(state: &Arc<State>, ticket: StatementTicket, asked: Option<BatchShape>) -> Result<(Rows, Reading), Status> {
    let query = ticket.query;
    state.queries.refuse_cancelled(query)?;
    let rows = rows(state, ticket, asked).await?;
    let reading = state.queries.begin(query, &rows.stopper())?;
    Ok((rows, reading))
}

async fn rows(state: &Arc<State>, ticket: StatementTicket, asked: Option<BatchShape>) -> Result<Rows, Status> {
    let shape = asked.unwrap_or_else(|| ticket.shape());
    match ticket.source {
        Some(Source::Kept(source)) => {
            let kept = state.kept.find(source.id).ok_or_else(|| expired(state))?;
            Ok(Rows::Kept(KeptRange::new(kept, source.start..source.end, shape)))
        }
        Some(Source::Query(source)) => {
            let waiting = state.waiting.take(source.waiting);
            match waiting {
                Some(rows) if rows.shape() == shape => Ok(Rows::Live(Box::new(rows))),
                // What waits in batches of another size makes room, and its connection is used again.
                waiting => {
                    blocking::run(state, move |state, stopper| {
                        drop(waiting);
                        let query = Query::of_ticket(state, &source)?;
                        resume(state, &query, &source.classes(), &source.fingerprint, shape, stopper).map(Rows::Live)
                    })
                    .await
                }
            }
        }
        None => Err(Status::invalid_argument("the ticket stands for nothing")),
    }
}

/// Finds out what a statement is, and begins it if that takes it. Blocks.
pub(super) fn prepare(state: &State, scope: &Scope, query: &Query, shape: BatchShape, stopper: &Stopper) -> Result<Prepared, Status> {
    let cursor = scope.prepare(query.sql(), stopper)?;
    let runs = query.runs(&cursor)?;
    if !cursor.only_reads() {
        refuse_writing(state)?;
        cursor.finish();
        return Ok(Prepared::Writes);
    }
    let columns = ResultColumns::of(&cursor);
    if !columns.are_open() {
        cursor.finish();
        return Ok(Prepared::Later(columns));
    }
    let rows = LiveRows::sample_runs(cursor, runs, columns, shape)?;
    Ok(Prepared::Begun(Box::new(rows)))
}

fn columns_of(scope: &Scope, query: &Query, stopper: &Stopper) -> Result<ResultColumns, Status> {
    let cursor = scope.prepare(query.sql(), stopper)?;
    let columns = ResultColumns::of(&cursor);
    cursor.finish();
    Ok(columns)
}

/// Runs a query that has been answered, as if it had not been begun; its columns must be what they were then.
fn resume(
    state: &Arc<State>,
    query: &Query,
    classes: &[ValueClass],
    fingerprint: &[u8],
    shape: BatchShape,
    stopper: &Stopper,
) -> Result<Box<LiveRows>, Status> {
    let cursor = Cursor::prepare(&state.database, query.sql(), stopper)?;
    let columns = ResultColumns::of(&cursor).with_value_classes(classes);
    if columns.are_open() || columns.fingerprint() != fingerprint {
        cursor.finish();
        return Err(Status::failed_precondition("the columns of the result have changed since the query was asked; run it again"));
    }
    let runs = query.runs(&cursor)?;
    Ok(Box::new(LiveRows::new(cursor, runs, columns, shape)))
}

/// Begins a query that was prepared before. Blocks.
pub(super) fn begin(
    state: &Arc<State>,
    query: &Query,
    announced: &ResultColumns,
    shape: BatchShape,
    stopper: &Stopper,
) -> Result<Box<LiveRows>, Status> {
    resume(state, query, &announced.value_classes(), &announced.fingerprint(), shape, stopper)
}

async fn read_all(state: &Arc<State>, mut rows: Box<LiveRows>) -> Result<Kept, Status> {
    blocking::run_stopped_by(rows.stopper().clone(), state, move |state, _| keep_all(state, &mut rows)).await
}

/// Reads a result whole. Blocks.
pub(super) fn keep_all(state: &State, rows: &mut LiveRows) -> Result<Kept, Status> {
    let mut kept = state.kept.begin(Arc::clone(rows.schema()));
    while let Some(batch) = rows.next()? {
        kept.push(batch)?;
    }
    Ok(kept)
}

pub(super) fn refuse_writing(state: &State) -> Result<(), Status> {
    match state.database.is_read_only() {
        false => Ok(()),
        true => Err(Status::permission_denied("the server is read-only, and the statement writes")),
    }
}

fn query_info(
    state: &State,
    source: QuerySource,
    columns: &ResultColumns,
    options: CallOptions,
    descriptor: FlightDescriptor,
) -> Result<FlightInfo, Status> {
    let expires = match source.values {
        Some(Values::Kept(id)) => Some(state.ticket_bindings.renew(id).unwrap_or_else(SystemTime::now)),
        Some(Values::Carried(_)) | None => None,
    };
    let ticket = StatementTicket::new(state.queries.number(), Source::Query(source), options.shape).seal(&state.keys);
    let endpoint = match expires {
        Some(expires) => expiring(ticket, expires),
        None => FlightEndpoint::new().with_ticket(ticket),
    };
    let info = FlightInfo::new().with_descriptor(descriptor).with_endpoint(endpoint).with_ordered(options.ordered);
    with_schema(info, &columns.schema())
}

fn kept_info(state: &State, kept: Kept, options: CallOptions, descriptor: FlightDescriptor) -> Result<FlightInfo, Status> {
    let schema = Arc::clone(kept.schema());
    let total = i64::try_from(kept.rows()).unwrap_or(-1);
    let ranges: Vec<_> = (0..options.endpoints).map(|index| kept.range_of(index, options.endpoints)).collect();
    let expires = SystemTime::now() + state.kept.lifetime();
    let id = state.kept.keep(kept);
    let query = state.queries.number();
    let endpoints = ranges
        .into_iter()
        .map(|range| {
            let source = KeptSource { id, start: range.start, end: range.end };
            let ticket = StatementTicket::new(query, Source::Kept(source), options.shape).seal(&state.keys);
            expiring(ticket, expires)
        })
        .collect();
    let info =
        FlightInfo::new().with_descriptor(descriptor).with_endpoints(endpoints).with_total_records(total).with_ordered(options.ordered);
    with_schema(info, &schema)
}

/// The endpoint of something that is kept until then.
fn expiring(ticket: Ticket, expires: SystemTime) -> FlightEndpoint {
    let mut endpoint = FlightEndpoint::new().with_ticket(ticket);
    expire_at(&mut endpoint, expires);
    endpoint
}

/// Tells until when an endpoint can be read.
pub(super) fn expire_at(endpoint: &mut FlightEndpoint, expires: SystemTime) {
    let expiration = endpoint.expiration_time.get_or_insert_default();
    (expiration.seconds, expiration.nanos) = timestamp(expires);
}

/// The seconds and nanoseconds of a protobuf timestamp.
pub(super) fn timestamp(time: SystemTime) -> (i64, i32) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    (i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos().cast_signed())
}

/// The refusal of a ticket whose result is gone.
pub(super) fn expired(state: &State) -> Status {
    Status::not_found(format!(
        "the result of this ticket is not kept any more: it was for {} s; run the query again",
        state.kept.lifetime().as_secs_f32()
    ))
}

pub(super) fn with_schema(info: FlightInfo, schema: &Schema) -> Result<FlightInfo, Status> {
    info.try_with_schema(schema).map_err(|error| Status::internal(format!("the schema could not be encoded: {error}")))
}
