//! The columns of a result: their names, their types, and the Arrow schema made of them.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{Field, Schema, SchemaRef};
use ring::digest;

use crate::server::sqlite::{Column, Cursor};
use crate::server::values::types::ColumnType;

/// One column of a result.
#[derive(Debug, Clone)]
pub(in super::super) struct ResultColumn {
    pub(in super::super) name: String,
    /// `None` until the values have told.
    pub(in super::super) kind: Option<ColumnType>,
    /// The words that the column was declared with.
    pub(in super::super) declared: Option<String>,
    table: Option<String>,
    pub(in super::super) nullable: bool,
    /// The type comes from the values, not from the declaration.
    by_value: bool,
}

/// The storage class that holds every value of a column that was declared with no type known here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum ValueClass {
    /// No value has been seen.
    #[default]
    None,
    Integer,
    Real,
    Text,
    Blob,
}

impl ValueClass {
    /// The type of a column whose values are of this class. Text takes a column without any value: it can hold
    /// whatever a later row brings, except a blob.
    pub(in super::super) fn kind(self) -> ColumnType {
        match self {
            Self::Integer => ColumnType::Int64,
            Self::Real => ColumnType::Float64,
            Self::None | Self::Text => ColumnType::Text,
            Self::Blob => ColumnType::Blob,
        }
    }
}

/// The columns of a result.
#[derive(Debug, Clone)]
pub(in super::super) struct ResultColumns(Vec<ResultColumn>);

impl ResultColumns {
    /// What is known of the columns before the statement runs.
    pub(in super::super) fn of(cursor: &Cursor) -> Self {
        Self(cursor.columns().into_iter().map(ResultColumn::new).collect())
    }

    /// Whether the type of any column is not known yet.
    pub(in super::super) fn are_open(&self) -> bool {
        self.0.iter().any(|column| column.kind.is_none())
    }

    pub(in super::super) fn iter(&self) -> std::slice::Iter<'_, ResultColumn> {
        self.0.iter()
    }

    pub(in super::super) fn iter_mut(&mut self) -> std::slice::IterMut<'_, ResultColumn> {
        self.0.iter_mut()
    }

    /// The types that came from the values, in the order of the columns; [`ValueClass::None`] where they did not.
    pub(in super::super) fn value_classes(&self) -> Vec<ValueClass> {
        self.0
            .iter()
            .map(|column| match column.kind {
                Some(ColumnType::Int64) if column.by_value => ValueClass::Integer,
                Some(ColumnType::Float64) if column.by_value => ValueClass::Real,
                Some(ColumnType::Text) if column.by_value => ValueClass::Text,
                Some(ColumnType::Blob) if column.by_value => ValueClass::Blob,
                _ => ValueClass::None,
            })
            .collect()
    }

    /// Gives the columns that are open the types that their values had before.
    pub(in super::super) fn with_value_classes(mut self, classes: &[ValueClass]) -> Self {
        for (column, class) in self.0.iter_mut().zip(classes) {
            column.resolve(*class);
        }
        self
    }

    /// Names and types in few bytes, to tell whether they are still the same.
    pub(in super::super) fn fingerprint(&self) -> Vec<u8> {
        let mut context = digest::Context::new(&digest::SHA256);
        for column in &self.0 {
            context.update(format!("{:?} {:?}\n", column.name, column.kind).as_bytes());
        }
        context.finish().as_ref().iter().take(8).copied().collect()
    }

    /// The Arrow schema. Every column of a result is nullable.
    pub(in super::super) fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(self.0.iter().map(ResultColumn::field).collect::<Vec<_>>()))
    }
}

impl ResultColumn {
    fn new(column: Column) -> Self {
        let Column { mut name, mut declared, table } = column;
        if let Some((stem, asked)) = typed_name(&name) {
            (name, declared) = (stem.to_owned(), Some(asked.to_owned()));
        }
        let kind = declared.as_deref().and_then(ColumnType::of_declaration);
        Self { name, kind, declared, table, nullable: true, by_value: kind.is_none() }
    }

    /// Settles the type, if it is still open.
    pub(in super::super) fn resolve(&mut self, class: ValueClass) {
        self.kind.get_or_insert_with(|| class.kind());
    }

    /// How the type came about, for messages.
    pub(in super::super) fn origin(&self) -> String {
        match &self.declared {
            Some(declared) if !self.by_value => format!("declared {declared}"),
            Some(declared) => format!("declared {declared}, typed by the values of the first rows"),
            None => "typed by the values of the first rows".to_owned(),
        }
    }

    /// The column as Arrow has it.
    fn field(&self) -> Field {
        let kind = self.kind.unwrap_or(ValueClass::None.kind());
        Field::new(&self.name, kind.arrow(), self.nullable).with_metadata(self.metadata(kind))
    }

    /// What Flight SQL lets a server say about a column beside its type.
    fn metadata(&self, kind: ColumnType) -> HashMap<String, String> {
        let mut metadata = HashMap::new();
        let mut say = |key: &str, value: String| metadata.insert(format!("ARROW:FLIGHT:SQL:{key}"), value);
        if let Some(declared) = &self.declared {
            say("TYPE_NAME", declared.clone());
        }
        if let Some(table) = &self.table {
            say("CATALOG_NAME", "main".to_owned());
            say("TABLE_NAME", table.clone());
        }
        if let Some((precision, scale)) = kind.precision_and_scale() {
            say("PRECISION", precision.to_string());
            say("SCALE", scale.to_string());
        }
        metadata
    }
}

/// A name such as `total [DECIMAL(20,2)]` asks for a type, as it does in Python's `sqlite3`: the one way to give one
/// to an expression. The type has to be one that is known.
fn typed_name(name: &str) -> Option<(&str, &str)> {
    let (stem, asked) = name.strip_suffix(']')?.rsplit_once(" [")?;
    ColumnType::of_declaration(asked).is_some().then_some((stem.trim_end(), asked))
}
