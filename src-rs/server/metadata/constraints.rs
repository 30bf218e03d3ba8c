//! The primary and foreign keys that the tables of the database declare, as SQLite's catalog has them.

use std::collections::HashMap;

use arrow_flight::sql::UpdateDeleteRules;
use tonic::Status;

use super::constraint_names::ConstraintNames;
use super::{each_row, text};
use crate::server::sqlite::Stopper;
use crate::server::state::State;
use crate::server::values::cell::Cell;

/// Every table with its keys.
pub(super) struct Constraints(Vec<Table>);

pub(super) struct Table {
    pub(super) name: String,
    columns: Vec<String>,
    /// In the order of the key.
    pub(super) primary_key: Vec<String>,
    pub(super) primary_key_name: Option<String>,
    /// In the order of their declaration.
    foreign_keys: Vec<ForeignKey>,
}

struct ForeignKey {
    name: Option<String>,
    /// The parent as the key spells it.
    parent: String,
    columns: Vec<ForeignKeyColumn>,
    on_update: UpdateDeleteRules,
    on_delete: UpdateDeleteRules,
}

struct ForeignKeyColumn {
    name: String,
    /// The parent's column as the key spells it; `None` where the key means the parent's primary key.
    parent: Option<String>,
}

/// One foreign key, and what it refers to.
pub(super) struct Reference<'a> {
    pub(super) child: &'a Table,
    /// Which of the child's foreign keys it is.
    pub(super) declared: usize,
    pub(super) name: Option<&'a str>,
    /// The name of the parent, which need not exist.
    pub(super) parent: &'a str,
    /// The name of the parent's primary key, if it is what the key refers to.
    pub(super) parent_key_name: Option<&'a str>,
    /// Columns of the child and of the parent. A parent's column that cannot be known has an empty name: the key
    /// names none, and there is no such table or it has no such primary key.
    pub(super) columns: Vec<(&'a str, &'a str)>,
    pub(super) on_update: UpdateDeleteRules,
    pub(super) on_delete: UpdateDeleteRules,
}

impl Constraints {
    /// Blocks. No name that a client sent is part of the SQL: names are compared here.
    pub(super) fn read(state: &State, stopper: &Stopper) -> Result<Self, Status> {
        let mut tables = read_tables(state, stopper)?;
        read_foreign_keys(state, stopper, &mut tables)?;
        read_names(state, stopper, &mut tables)?;
        Ok(Self(tables))
    }

    /// The table that SQLite means by `name`.
    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        self.0.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// Every foreign key of every table.
    pub(super) fn references(&self) -> impl Iterator<Item = Reference<'_>> {
        self.0.iter().flat_map(move |child| {
            let keys = child.foreign_keys.iter().enumerate();
            keys.map(move |(declared, key)| self.reference(child, declared, key))
        })
    }

    fn reference<'a>(&'a self, child: &'a Table, declared: usize, key: &'a ForeignKey) -> Reference<'a> {
        let parent = self.table(&key.parent);
        let columns: Vec<_> =
            key.columns.iter().enumerate().map(|(index, column)| (column.name.as_str(), column.parent_name(index, parent))).collect();
        let parent_key_name = parent
            .filter(|parent| {
                parent.primary_key.len() == columns.len()
                    && columns.iter().all(|(_, column)| parent.primary_key.iter().any(|part| part == column))
            })
            .and_then(|parent| parent.primary_key_name.as_deref());
        Reference {
            child,
            declared,
            name: key.name.as_deref(),
            parent: parent.map_or(key.parent.as_str(), |parent| &parent.name),
            parent_key_name,
            columns,
            on_update: key.on_update,
            on_delete: key.on_delete,
        }
    }
}

impl ForeignKeyColumn {
    /// The parent's column, spelled as the parent has it.
    fn parent_name<'a>(&'a self, index: usize, parent: Option<&'a Table>) -> &'a str {
        match (&self.parent, parent) {
            (Some(name), Some(parent)) => {
                parent.columns.iter().find(|column| column.eq_ignore_ascii_case(name)).map_or(name, String::as_str)
            }
            (Some(name), None) => name,
            (None, Some(parent)) => parent.primary_key.get(index).map_or("", String::as_str),
            (None, None) => "",
        }
    }
}

/// What a pragma tells of each table that a client made, beside its name. Only those can have keys: SQLite's own
/// tables, views and virtual tables do not.
fn of_tables(columns: &str, pragma: &str, order: &str) -> String {
    format!(
        "SELECT l.name, {columns} FROM pragma_table_list AS l, {pragma}(l.name, 'main') AS k
         WHERE l.schema = 'main' AND l.type = 'table' AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
         ORDER BY l.name, {order}"
    )
}

fn read_tables(state: &State, stopper: &Stopper) -> Result<Vec<Table>, Status> {
    let mut tables: Vec<Table> = Vec::new();
    // The number of a column within the primary key, 0 outside it.
    let sql = of_tables("k.name, k.pk > 0", "pragma_table_xinfo", "k.pk");
    each_row(state, &sql, stopper, |cursor| {
        let (name, column) = (text(&cursor.cell(0)), text(&cursor.cell(1)));
        if tables.last().is_none_or(|table| table.name != name) {
            tables.push(Table { name, columns: Vec::new(), primary_key: Vec::new(), primary_key_name: None, foreign_keys: Vec::new() });
        }
        if let Some(table) = tables.last_mut() {
            if cursor.cell(2) == Cell::Integer(1) {
                table.primary_key.push(column.clone());
            }
            table.columns.push(column);
        }
        Ok(())
    })?;
    Ok(tables)
}

fn read_foreign_keys(state: &State, stopper: &Stopper, tables: &mut [Table]) -> Result<(), Status> {
    // SQLite numbers the keys of a table from the last one that was declared to the first.
    let sql =
        of_tables("k.seq, k.\"from\", k.\"to\", k.\"table\", k.on_update, k.on_delete", "pragma_foreign_key_list", "k.id DESC, k.seq");
    each_row(state, &sql, stopper, |cursor| {
        let name = text(&cursor.cell(0));
        let Some(table) = tables.iter_mut().find(|table| table.name == name) else {
            return Ok(());
        };
        if cursor.cell(1) == Cell::Integer(0) {
            table.foreign_keys.push(ForeignKey {
                name: None,
                parent: text(&cursor.cell(4)),
                columns: Vec::new(),
                on_update: rule(&cursor.cell(5)),
                on_delete: rule(&cursor.cell(6)),
            });
        }
        if let Some(key) = table.foreign_keys.last_mut() {
            let parent = match cursor.cell(3) {
                Cell::Null => None,
                column => Some(text(&column)),
            };
            key.columns.push(ForeignKeyColumn { name: text(&cursor.cell(2)), parent });
        }
        Ok(())
    })
}

fn read_names(state: &State, stopper: &Stopper, tables: &mut [Table]) -> Result<(), Status> {
    let mut names = HashMap::new();
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%CONSTRAINT%'";
    each_row(state, sql, stopper, |cursor| {
        names.insert(text(&cursor.cell(0)), ConstraintNames::of(&text(&cursor.cell(1))));
        Ok(())
    })?;
    for table in tables {
        let Some(names) = names.remove(&table.name) else {
            continue;
        };
        table.primary_key_name = names.primary_key;
        // If SQLite counts other keys than are written there, it cannot be said which is which.
        if names.foreign_keys.len() == table.foreign_keys.len() {
            for (key, name) in table.foreign_keys.iter_mut().zip(names.foreign_keys) {
                key.name = name;
            }
        }
    }
    Ok(())
}

fn rule(cell: &Cell<'_>) -> UpdateDeleteRules {
    match cell.render().as_ref() {
        b"CASCADE" => UpdateDeleteRules::Cascade,
        b"RESTRICT" => UpdateDeleteRules::Restrict,
        b"SET NULL" => UpdateDeleteRules::SetNull,
        b"SET DEFAULT" => UpdateDeleteRules::SetDefault,
        _ => UpdateDeleteRules::NoAction,
    }
}
