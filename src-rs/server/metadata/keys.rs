//! Primary keys, and foreign keys from either end.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, RecordBatch, StringArray, UInt8Array};
use arrow_flight::sql::{CommandGetCrossReference, CommandGetExportedKeys, CommandGetImportedKeys, CommandGetPrimaryKeys};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use tonic::Status;

use super::constraints::{Constraints, Reference, Table};
use super::{CATALOG, DB_SCHEMA, unbuildable};
use crate::server::sqlite::Stopper;
use crate::server::state::State;

/// The schema that [`primary_keys`] has.
pub(in super::super) fn primary_keys_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("catalog_name", DataType::Utf8, true),
        Field::new("db_schema_name", DataType::Utf8, true),
        Field::new("table_name", DataType::Utf8, false),
        Field::new("column_name", DataType::Utf8, false),
        Field::new("key_name", DataType::Utf8, true),
        Field::new("key_sequence", DataType::Int32, false),
    ]))
}

/// The schema that [`exported_keys`], [`imported_keys`] and [`cross_reference`] have.
pub(in super::super) fn foreign_keys_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("pk_catalog_name", DataType::Utf8, true),
        Field::new("pk_db_schema_name", DataType::Utf8, true),
        Field::new("pk_table_name", DataType::Utf8, false),
        Field::new("pk_column_name", DataType::Utf8, false),
        Field::new("fk_catalog_name", DataType::Utf8, true),
        Field::new("fk_db_schema_name", DataType::Utf8, true),
        Field::new("fk_table_name", DataType::Utf8, false),
        Field::new("fk_column_name", DataType::Utf8, false),
        Field::new("key_sequence", DataType::Int32, false),
        Field::new("fk_key_name", DataType::Utf8, true),
        Field::new("pk_key_name", DataType::Utf8, true),
        Field::new("update_rule", DataType::UInt8, false),
        Field::new("delete_rule", DataType::UInt8, false),
    ]))
}

/// The primary key of a table, a row for each of its columns. Blocks.
pub(in super::super) fn primary_keys(state: &State, command: CommandGetPrimaryKeys, stopper: &Stopper) -> Result<RecordBatch, Status> {
    let constraints = Constraints::read(state, stopper)?;
    let asked = Asked { catalog: command.catalog, db_schema: command.db_schema, table: command.table };
    let Some(table) = asked.find(&constraints) else {
        return Ok(RecordBatch::new_empty(primary_keys_schema()));
    };
    let columns = &table.primary_key;
    let count = columns.len();
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec![CATALOG; count])),
        Arc::new(StringArray::from(vec![DB_SCHEMA; count])),
        Arc::new(StringArray::from(vec![table.name.as_str(); count])),
        Arc::new(StringArray::from_iter_values(columns)),
        Arc::new(StringArray::from(vec![table.primary_key_name.as_deref(); count])),
        Arc::new(Int32Array::from_iter_values((1..).take(count))),
    ];
    RecordBatch::try_new(primary_keys_schema(), arrays).map_err(|error| unbuildable(error.into()))
}

/// The foreign keys that refer to a table, ordered by the tables that have them. Blocks.
pub(in super::super) fn exported_keys(state: &State, command: CommandGetExportedKeys, stopper: &Stopper) -> Result<RecordBatch, Status> {
    let constraints = Constraints::read(state, stopper)?;
    let asked = Asked { catalog: command.catalog, db_schema: command.db_schema, table: command.table };
    let Some(parent) = asked.find(&constraints) else {
        return Ok(RecordBatch::new_empty(foreign_keys_schema()));
    };
    let mut references: Vec<_> = constraints.references().filter(|reference| reference.parent == parent.name).collect();
    references.sort_by_key(|reference| (&reference.child.name, reference.name, reference.declared));
    foreign_keys(&references)
}

/// The foreign keys of a table, ordered by the tables that they refer to. Blocks.
pub(in super::super) fn imported_keys(state: &State, command: CommandGetImportedKeys, stopper: &Stopper) -> Result<RecordBatch, Status> {
    let constraints = Constraints::read(state, stopper)?;
    let asked = Asked { catalog: command.catalog, db_schema: command.db_schema, table: command.table };
    let Some(child) = asked.find(&constraints) else {
        return Ok(RecordBatch::new_empty(foreign_keys_schema()));
    };
    let mut references: Vec<_> = constraints.references().filter(|reference| reference.child.name == child.name).collect();
    references.sort_by_key(|reference| (reference.parent, reference.parent_key_name, reference.declared));
    foreign_keys(&references)
}

/// The foreign keys of one table that refer to another one, or to itself. Blocks.
pub(in super::super) fn cross_reference(
    state: &State,
    command: CommandGetCrossReference,
    stopper: &Stopper,
) -> Result<RecordBatch, Status> {
    let constraints = Constraints::read(state, stopper)?;
    let parent = Asked { catalog: command.pk_catalog, db_schema: command.pk_db_schema, table: command.pk_table };
    let child = Asked { catalog: command.fk_catalog, db_schema: command.fk_db_schema, table: command.fk_table };
    let (Some(parent), Some(child)) = (parent.find(&constraints), child.find(&constraints)) else {
        return Ok(RecordBatch::new_empty(foreign_keys_schema()));
    };
    let is_between = |reference: &Reference<'_>| reference.parent == parent.name && reference.child.name == child.name;
    let mut references: Vec<_> = constraints.references().filter(is_between).collect();
    references.sort_by_key(|reference| (reference.parent_key_name, reference.declared));
    foreign_keys(&references)
}

/// The table that a command is about. Without a catalog or schema any will do; names are as SQLite compares them.
struct Asked {
    catalog: Option<String>,
    db_schema: Option<String>,
    table: String,
}

impl Asked {
    fn find<'a>(&self, constraints: &'a Constraints) -> Option<&'a Table> {
        let is = |asked: &Option<String>, name: &str| asked.as_deref().is_none_or(|asked| asked.eq_ignore_ascii_case(name));
        if !is(&self.catalog, CATALOG) || !is(&self.db_schema, DB_SCHEMA) {
            return None;
        }
        constraints.table(&self.table)
    }
}

/// A row for each column of each key. The rows of a key stay together, so that those without names can be told apart.
fn foreign_keys(references: &[Reference<'_>]) -> Result<RecordBatch, Status> {
    let rows: Vec<_> = references
        .iter()
        .flat_map(|reference| (1..).zip(&reference.columns).map(move |(sequence, (child, parent))| (reference, sequence, *child, *parent)))
        .collect();
    let catalogs: ArrayRef = Arc::new(StringArray::from(vec![CATALOG; rows.len()]));
    let db_schemas: ArrayRef = Arc::new(StringArray::from(vec![DB_SCHEMA; rows.len()]));
    let arrays: Vec<ArrayRef> = vec![
        Arc::clone(&catalogs),
        Arc::clone(&db_schemas),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|(reference, ..)| reference.parent))),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|(.., parent)| parent))),
        catalogs,
        db_schemas,
        Arc::new(StringArray::from_iter_values(rows.iter().map(|(reference, ..)| &reference.child.name))),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|(_, _, child, _)| child))),
        Arc::new(Int32Array::from_iter_values(rows.iter().map(|(_, sequence, ..)| *sequence))),
        Arc::new(StringArray::from_iter(rows.iter().map(|(reference, ..)| reference.name))),
        Arc::new(StringArray::from_iter(rows.iter().map(|(reference, ..)| reference.parent_key_name))),
        Arc::new(UInt8Array::from_iter_values(rows.iter().map(|(reference, ..)| reference.on_update as u8))),
        Arc::new(UInt8Array::from_iter_values(rows.iter().map(|(reference, ..)| reference.on_delete as u8))),
    ];
    RecordBatch::try_new(foreign_keys_schema(), arrays).map_err(|error| unbuildable(error.into()))
}
