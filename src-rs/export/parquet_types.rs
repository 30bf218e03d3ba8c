//! Arrow types in the form in which Parquet can hold them.
//!
//! Parquet has no seconds for times and timestamps, dates of days only, and dictionaries only as a way of storing simple values. Such
//! columns are cast, and cast back to see that nothing was lost. What Parquet cannot hold in any form is refused by name.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Field, FieldRef, IntervalUnit, Schema, SchemaRef, TimeUnit};

use crate::arrow::arrays::with_children;
use crate::arrow::schema::child_fields;
use crate::error::{Code, Error, Result};

/// What a result becomes on its way into a file.
#[derive(Debug)]
pub struct ParquetForm {
    schema: SchemaRef,
    /// Whether any column has to be cast.
    casts: bool,
}

impl ParquetForm {
    /// The form of a result of `schema`.
    ///
    /// # Errors
    /// `UNSUPPORTED_TYPE`, naming the column.
    pub fn new(schema: &Schema) -> Result<Self> {
        if schema.fields().is_empty() {
            return Err(Error::new(Code::UnsupportedType, "the result has no columns, and Parquet has no files without"));
        }
        let mut fields = Vec::with_capacity(schema.fields().len());
        for field in schema.fields() {
            if let Some(data_type) = unsupported(field.data_type()) {
                let (name, cast) = (field.name(), "cast the column in the query");
                return Err(Error::new(Code::UnsupportedType, format!("column '{name}' holds {data_type}, for which Parquet has no type"))
                    .in_column(name)
                    .with_hint(cast));
            }
            fields.push(target_field(field));
        }
        let casts = fields.iter().zip(schema.fields()).any(|(target, field)| target.data_type() != field.data_type());
        Ok(Self { schema: Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())), casts })
    }

    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// A batch in this form.
    ///
    /// # Errors
    /// `INVALID_DATA` for values that do not fit, naming the column.
    pub fn batch(&self, batch: RecordBatch) -> Result<RecordBatch> {
        if !self.casts {
            return Ok(batch);
        }
        let mut columns = Vec::with_capacity(batch.num_columns());
        for (column, target) in batch.columns().iter().zip(self.schema.fields()) {
            let in_column = |error: Error| Error::data(format!("column '{}': {}", target.name(), error.message())).in_column(target.name());
            columns.push(exact_cast(column, target.data_type()).map_err(in_column)?);
        }
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(|cause| Error::new(Code::UnsupportedType, format!("a batch does not take the form that Parquet needs: {cause}")))
    }
}

/// Casts in two steps: dictionaries that Parquet cannot hold are unpacked, which loses nothing; then units change, which is undone to see
/// whether it did.
fn exact_cast(column: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    if column.data_type() == target {
        return Ok(Arc::clone(column));
    }
    let unpacked = cast(column, &unpacked_type(column.data_type()))?;
    if unpacked.data_type() == target {
        return Ok(unpacked);
    }
    let changed = cast(&unpacked, target)?;
    if cast(&changed, unpacked.data_type())?.to_data() != unpacked.to_data() {
        return Err(does_not_fit(column.data_type(), target, "some would change"));
    }
    Ok(changed)
}

fn cast(column: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(column, target, &options).map_err(|cause| does_not_fit(column.data_type(), target, &cause.to_string()))
}

fn does_not_fit(from: &DataType, to: &DataType, cause: &str) -> Error {
    Error::data(format!("values of type {from} do not fit into {to}, which is what Parquet has: {cause}"))
}

/// The type without the dictionaries that Parquet cannot hold, in the units that it had.
fn unpacked_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Dictionary(_, values) if target_type(values) == **values && is_dictionary_value(values) => data_type.clone(),
        DataType::Dictionary(_, values) => unpacked_type(values),
        other => {
            let unpack = |child: &FieldRef| Arc::new(Field::clone(child).with_data_type(unpacked_type(child.data_type())));
            with_children(other, child_fields(other).iter().map(unpack).collect())
        }
    }
}

fn target_field(field: &FieldRef) -> FieldRef {
    let target = target_type(field.data_type());
    if target == *field.data_type() { Arc::clone(field) } else { Arc::new(Field::clone(field).with_data_type(target)) }
}

fn target_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Timestamp(TimeUnit::Second, zone) => DataType::Timestamp(TimeUnit::Millisecond, zone.clone()),
        DataType::Time32(TimeUnit::Second) => DataType::Time32(TimeUnit::Millisecond),
        DataType::Date64 => DataType::Date32,
        DataType::Dictionary(key, values) => {
            let target = target_type(values);
            if target == **values && is_dictionary_value(values) { DataType::Dictionary(key.clone(), values.clone()) } else { target }
        }
        other => with_children(other, child_fields(other).iter().map(target_field).collect()),
    }
}

/// Whether the writer takes dictionaries of such values.
fn is_dictionary_value(values: &DataType) -> bool {
    matches!(
        values,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Binary | DataType::LargeBinary | DataType::Utf8View | DataType::BinaryView
    )
}

fn unsupported(data_type: &DataType) -> Option<&DataType> {
    match data_type {
        DataType::Union(..) | DataType::Interval(IntervalUnit::MonthDayNano) | DataType::FixedSizeBinary(0) => Some(data_type),
        DataType::Decimal32(_, scale) | DataType::Decimal64(_, scale) | DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => {
            (*scale < 0).then_some(data_type)
        }
        DataType::Struct(fields) if fields.is_empty() => Some(data_type),
        DataType::Dictionary(_, values) => unsupported(values),
        DataType::List(child) | DataType::LargeList(child) | DataType::FixedSizeList(child, _) | DataType::Map(child, _) => {
            unsupported(child.data_type())
        }
        DataType::Struct(fields) => fields.iter().find_map(|field| unsupported(field.data_type())),
        _ => None,
    }
}
