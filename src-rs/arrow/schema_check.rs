//! Whether the streams of a result have the schema that its rows are handed on with, and the one that the server announced.

use std::sync::Arc;

use arrow_schema::{Field, FieldRef, SchemaRef};

use super::compatible::{can_follow, holds_same_values};
use super::schema::StreamSchema;
use super::schema_difference::{Shown, mismatch};
use crate::error::{Error, Result};

/// How much the schema of a stream has to agree with what was announced, and with those of the other streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SchemaCheck {
    /// Names and types. What may be null, metadata, and the names of nested fields may differ, as they do between planners and executors; from what
    /// was announced the encoding may differ too.
    #[default]
    Compatible,
    /// Everything.
    Strict,
    /// Nothing but the types that the rows before came with: they could not be handed on otherwise.
    Off,
}

/// What the streams of one result are held against.
#[derive(Debug)]
pub struct SchemaHolder {
    check: SchemaCheck,
    /// What FlightInfo says, where it counts.
    announced: Option<SchemaRef>,
    /// The first stream's.
    first: Option<Arc<StreamSchema>>,
    /// The same as its rows are handed on with.
    handed_on: Option<Arc<StreamSchema>>,
    has_several_streams: bool,
}

impl SchemaHolder {
    pub fn new(check: SchemaCheck, announced: Option<&StreamSchema>, has_several_streams: bool) -> Self {
        let announced = announced.filter(|_| check != SchemaCheck::Off).map(|schema| Arc::clone(&schema.wire));
        Self { check, announced, first: None, handed_on: None, has_several_streams }
    }

    /// That of a result without a stream.
    pub fn without_streams(announced: Arc<StreamSchema>) -> Self {
        let check = SchemaCheck::default();
        Self { check, announced: None, first: Some(Arc::clone(&announced)), handed_on: Some(announced), has_several_streams: false }
    }

    /// The schema that rows are handed on with, once a stream has told its own: that of the first, with every field nullable where streams follow
    /// that may say otherwise.
    pub fn schema(&self) -> Option<&Arc<StreamSchema>> {
        self.handed_on.as_ref()
    }

    /// Holds the schema of a stream against what was announced and against the first one's, which it becomes where there is none.
    ///
    /// # Errors
    /// `SCHEMA_MISMATCH`, showing what differs column by column.
    pub fn hold(&mut self, found: &Arc<StreamSchema>) -> Result<()> {
        if let Some(announced) = &self.announced {
            self.check_announced(announced, found)?;
        }
        match &self.first {
            Some(first) => self.check_first(first, found),
            None => {
                // Strict streams cannot differ in what may be null.
                let may_differ = self.has_several_streams && self.check != SchemaCheck::Strict;
                self.handed_on = Some(if may_differ { Arc::new(found.all_nullable()) } else { Arc::clone(found) });
                self.first = Some(Arc::clone(found));
                Ok(())
            }
        }
    }

    fn check_announced(&self, announced: &SchemaRef, found: &StreamSchema) -> Result<()> {
        let sent = &found.wire;
        let hint = |error: Error| error.with_hint("to read such streams say schemaCheck: 'compatible', which is the default, or 'off'");
        if self.check == SchemaCheck::Strict {
            if announced == sent {
                return Ok(());
            }
            let same = |at| announced.fields().get(at) == sent.fields().get(at);
            return Err(hint(mismatch("FlightInfo", announced, sent, Shown::Whole, same)));
        }
        let pair = |at: usize| announced.fields().get(at).zip(sent.fields().get(at));
        let same = |at| pair(at).is_some_and(|(announced, sent)| is_column_announced(announced, sent));
        if announced.fields().len() == sent.fields().len() && (0..sent.fields().len()).all(same) {
            return Ok(());
        }
        let error = mismatch("FlightInfo", announced, sent, Shown::NameAndType, same);
        Err(error.with_hint("to read the streams as they are say schemaCheck: 'off'"))
    }

    fn check_first(&self, first: &StreamSchema, found: &StreamSchema) -> Result<()> {
        let (known, sent) = (&first.wire, &found.wire);
        let same_names = |at| self.check == SchemaCheck::Off || name(known, at) == name(sent, at);
        let same_whole = |at: usize| self.check != SchemaCheck::Strict || known.fields().get(at) == sent.fields().get(at);
        let same = |at| can_follow(first, found, at) && same_names(at) && same_whole(at);
        let same_metadata = self.check != SchemaCheck::Strict || known.metadata() == sent.metadata();
        if known.fields().len() == sent.fields().len() && same_metadata && (0..sent.fields().len()).all(same) {
            return Ok(());
        }
        let shown = if self.check == SchemaCheck::Strict { Shown::Whole } else { Shown::NameAndType };
        Err(mismatch("the streams before it", known, sent, shown, same))
    }
}

fn is_column_announced(announced: &Field, sent: &Field) -> bool {
    announced.name() == sent.name() && holds_same_values(announced.data_type(), sent.data_type())
}

fn name(schema: &SchemaRef, at: usize) -> Option<&str> {
    schema.fields().get(at).map(|field: &FieldRef| field.name().as_str())
}

#[cfg(test)]
#[path = "schema_check_test.rs"]
mod tests;
