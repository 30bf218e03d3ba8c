//! The parameters of a statement as clients see them: what they are called, and which column of a batch is whose.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, UnionFields, UnionMode};
use tonic::Status;

/// The schema of the parameters `names`. SQLite types nothing before it is bound, so each may be of any type that it
/// stores.
pub(super) fn schema(names: &[String]) -> Schema {
    let children = [
        ("int64", DataType::Int64),
        ("float64", DataType::Float64),
        ("utf8", DataType::Utf8),
        ("binary", DataType::Binary),
        ("bool", DataType::Boolean),
    ];
    let children: UnionFields =
        children.into_iter().zip(0..).map(|((name, data_type), id)| (id, Arc::new(Field::new(name, data_type, true)))).collect();
    let any = DataType::Union(children, UnionMode::Dense);
    Schema::new(names.iter().map(|name| Field::new(name, any.clone(), true)).collect::<Vec<_>>())
}

/// Which column of a batch with `schema` each of the parameters `names` takes: by name, where the columns are called as
/// the parameters are, with or without what these begin with in SQL; and else by position.
pub(super) fn places(names: &[String], schema: &Schema) -> Result<Vec<usize>, Status> {
    let columns = schema.fields().len();
    if columns != names.len() {
        return Err(Status::invalid_argument(format!(
            "the statement has {} parameters, and the record batches bring {columns} columns",
            names.len()
        )));
    }
    Ok(places_by_name(names, schema).unwrap_or_else(|| (0..columns).collect()))
}

fn places_by_name(names: &[String], schema: &Schema) -> Option<Vec<usize>> {
    let place = |name: &String| {
        let find = |wanted: &str| schema.fields().iter().position(|field| field.name() == wanted);
        find(name).or_else(|| find(name.strip_prefix([':', '@', '$', '?'])?))
    };
    let places = names.iter().map(place).collect::<Option<Vec<_>>>()?;
    let mut taken = vec![false; places.len()];
    // A column is for one parameter.
    let is_apart = places.iter().all(|place| taken.get_mut(*place).is_some_and(|taken| !std::mem::replace(taken, true)));
    is_apart.then_some(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(names: &[&str], columns: &[&str]) -> Option<Vec<usize>> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let fields: Vec<Field> = columns.iter().map(|name| Field::new(*name, DataType::Int64, true)).collect();
        places(&names, &Schema::new(fields)).ok()
    }

    #[test]
    fn columns_go_by_name_where_all_are_known_and_else_by_position() {
        for (names, columns, expected) in [
            (&[":a", ":b"][..], &["a", "b"][..], Some(vec![0, 1])),
            (&[":a", ":b"], &["b", "a"], Some(vec![1, 0])),
            (&[":a", "@b", "$c"], &["$c", "@b", ":a"], Some(vec![2, 1, 0])),
            (&[":a", "@b", "$c"], &["c", "@b", "a"], Some(vec![2, 1, 0])),
            (&["1", "?2"], &["2", "1"], Some(vec![1, 0])),
            (&[":a", ":b"], &["b", "x"], Some(vec![0, 1])),
            (&[":a", ":b"], &["b", "b"], Some(vec![0, 1])),
            (&[":a", "@a"], &["a", ":a"], Some(vec![1, 0])),
            (&[":a", "@a"], &["a", "b"], Some(vec![0, 1])),
            (&[":a"], &["", ""], None),
            (&[], &["a"], None),
            (&[], &[], Some(vec![])),
        ] {
            assert_eq!(placed(names, columns), expected, "{names:?} and {columns:?}");
        }
    }
}
