//! What Flight SQL lets a server say about the columns of a table beside their types.

use arrow_schema::{Field, Schema};
use tonic::Status;

use super::size::Size;
use super::{CATALOG, DB_SCHEMA, each_row, quoted, text};
use crate::server::results::ResultColumns;
use crate::server::sqlite::{Stopper, collations};
use crate::server::state::State;
use crate::server::values::cell::Cell;
use crate::server::values::types::ColumnType;

/// What SQLite's catalog has on one column.
struct Declaration {
    name: String,
    required: bool,
    /// It is the number of the row, which SQLite counts up where none is given.
    counts_up: bool,
    /// It is computed, or a column of a view that no trigger makes writable.
    computed: bool,
    /// How its text is compared; not known of the columns of a view.
    collation: Option<String>,
}

/// The schema of `table`, whose columns are `columns`, with what else there is to know of them. Blocks.
pub(super) fn described(state: &State, table: &str, columns: &ResultColumns, stopper: &Stopper) -> Result<Schema, Status> {
    let declarations = declarations(state, table, stopper)?;
    let schema = columns.schema();
    let fields = schema.fields().iter().zip(columns.iter()).enumerate().map(|(index, (field, column))| {
        let kind = column.kind.unwrap_or(ColumnType::Text);
        let field = in_table(field, table, kind);
        match declarations.get(index) {
            Some(declaration) => as_declared(field, declaration, kind, state.database.is_read_only()),
            None => field,
        }
    });
    Ok(Schema::new(fields.collect::<Vec<_>>()))
}

/// In the order of `SELECT *`, which leaves out the columns that a virtual table hides. Blocks.
fn declarations(state: &State, table: &str, stopper: &Stopper) -> Result<Vec<Declaration>, Status> {
    // Only the row's number is a primary key without an index. The type INTEGER alone does not tell: with DESC or
    // WITHOUT ROWID it is a column like others.
    let sql = format!(
        "SELECT x.name, x.\"notnull\",
             x.pk > 0 AND l.type = 'table'
                 AND NOT EXISTS (SELECT 1 FROM pragma_index_list(l.name, 'main') WHERE origin = 'pk'),
             x.hidden IN (2, 3) OR l.type = 'view'
                 AND NOT EXISTS (SELECT 1 FROM sqlite_schema AS s WHERE s.type = 'trigger' AND s.tbl_name = l.name COLLATE NOCASE)
         FROM pragma_table_list AS l, pragma_table_xinfo(l.name, 'main') AS x
         WHERE l.schema = 'main' AND l.name = {} AND x.hidden <> 1
         ORDER BY x.cid",
        quoted(table, '\'')
    );
    let mut declarations = Vec::new();
    each_row(state, &sql, stopper, |cursor| {
        let is_true = |column| !matches!(cursor.cell(column), Cell::Null | Cell::Integer(0));
        declarations.push(Declaration {
            name: text(&cursor.cell(0)),
            required: is_true(1),
            counts_up: is_true(2),
            computed: is_true(3),
            collation: None,
        });
        Ok(())
    })?;
    let names: Vec<_> = declarations.iter().map(|declaration| declaration.name.as_str()).collect();
    let collations = collations(&state.database, table, &names, stopper)?;
    for (declaration, collation) in declarations.iter_mut().zip(collations) {
        declaration.collation = collation;
    }
    Ok(declarations)
}

/// Where the column is, and how large its values can be.
fn in_table(field: &Field, table: &str, kind: ColumnType) -> Field {
    let mut metadata = field.metadata().clone();
    let mut say = |key: &str, value: String| metadata.insert(format!("ARROW:FLIGHT:SQL:{key}"), value);
    say("CATALOG_NAME", CATALOG.to_owned());
    // The specification names the first, and the Arrow project's clients in C++, Go and Java look for the second.
    say("DB_SCHEMA_NAME", DB_SCHEMA.to_owned());
    say("SCHEMA_NAME", DB_SCHEMA.to_owned());
    say("TABLE_NAME", table.to_owned());
    // The bits of binary floating point are no decimal precision.
    if let Some(size) = Size::of(kind).filter(|size| size.radix != Some(2)) {
        say("PRECISION", size.width.to_string());
        if let Some(scale) = size.scale {
            say("SCALE", scale.to_string());
        }
    }
    field.clone().with_metadata(metadata)
}

fn as_declared(field: Field, declaration: &Declaration, kind: ColumnType, read_only: bool) -> Field {
    let mut metadata = field.metadata().clone();
    let mut say = |key: &str, is: bool| metadata.insert(format!("ARROW:FLIGHT:SQL:{key}"), if is { "1" } else { "0" }.to_owned());
    say("IS_AUTO_INCREMENT", declaration.counts_up);
    say("IS_READ_ONLY", read_only || declaration.computed);
    say("IS_SEARCHABLE", true);
    match (kind.is_text(), &declaration.collation) {
        (true, None) => {}
        (true, Some(collation)) => {
            say("IS_CASE_SENSITIVE", !collation.eq_ignore_ascii_case("NOCASE"));
        }
        _ => {
            say("IS_CASE_SENSITIVE", false);
        }
    }
    field.with_nullable(!declaration.required).with_metadata(metadata)
}
