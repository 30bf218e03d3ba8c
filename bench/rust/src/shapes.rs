//! The data: three shapes, made by the same arithmetic in every server of the bench, so that all send the same values.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    StringViewArray, TimestampMicrosecondArray, types::Int32Type,
};
use arrow_schema::ArrowError;

/// The numbers of rows a batch that the servers hold ready.
pub const BATCH_ROWS: [usize; 3] = [1_024, 8_192, 65_536];

const CITIES: [&str; 8] = ["Berlin", "Nairobi", "Lima", "Osaka", "Toronto", "Oslo", "Perth", "Valencia"];
const CATEGORIES: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// int64, float64, int32, timestamp; no nulls.
    Numeric,
    /// int64, utf8, float64, bool, utf8, timestamp; nulls in three of them.
    Mixed,
    /// int64, utf8 view, decimal128, dictionary of int32 to utf8.
    Views,
}

impl Shape {
    pub const ALL: [Shape; 3] = [Shape::Numeric, Shape::Mixed, Shape::Views];

    /// One batch of this shape.
    pub fn batch(self, rows: usize) -> Result<RecordBatch, ArrowError> {
        let columns: Vec<(&str, ArrayRef)> = match self {
            Shape::Numeric => numeric(rows),
            Shape::Mixed => mixed(rows),
            Shape::Views => views(rows)?,
        };
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shape::Numeric => "numeric",
            Shape::Mixed => "mixed",
            Shape::Views => "views",
        })
    }
}

impl FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Shape::ALL.into_iter().find(|shape| shape.to_string() == text).ok_or(format!("a shape is numeric, mixed or views, not {text:?}"))
    }
}

/// The first column of every shape; the clients add it up in their warm-up.
fn id(row: usize) -> i64 {
    row as i64 * 2_654_435_761 + 7
}

/// A number below 2³² that looks random and is the same in every language.
fn noise(row: usize) -> u64 {
    (row as u64 * 2_654_435_761 + 7) & 0xffff_ffff
}

fn ids(rows: usize) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values((0..rows).map(id)))
}

fn price(row: usize) -> f64 {
    (noise(row) % 1_000_000) as f64 / 100.0
}

fn microseconds(row: usize) -> i64 {
    1_700_000_000_000_000 + row as i64 * 1_000_003
}

fn numeric(rows: usize) -> Vec<(&'static str, ArrayRef)> {
    let prices = Float64Array::from_iter_values((0..rows).map(price));
    let quantities = Int32Array::from_iter_values((0..rows).map(|row| (noise(row) >> 16) as i32));
    let times = TimestampMicrosecondArray::from_iter_values((0..rows).map(microseconds)).with_timezone("UTC");
    vec![("id", ids(rows)), ("price", Arc::new(prices)), ("quantity", Arc::new(quantities)), ("at", Arc::new(times))]
}

fn mixed(rows: usize) -> Vec<(&'static str, ArrayRef)> {
    let name = |row: usize| (row % 10 != 3).then(|| format!("customer-{}", noise(row) % 100_000));
    let names: StringArray = (0..rows).map(name).collect();
    let prices: Float64Array = (0..rows).map(|row| (row % 7 != 2).then(|| price(row))).collect();
    let active: BooleanArray = (0..rows).map(|row| Some(noise(row) & 1 == 1)).collect();
    let cities = StringArray::from_iter_values((0..rows).map(|row| CITIES[(noise(row) >> 8) as usize % CITIES.len()]));
    let times: TimestampMicrosecondArray = (0..rows).map(|row| (row % 16 != 5).then(|| microseconds(row))).collect();
    vec![
        ("id", ids(rows)),
        ("name", Arc::new(names)),
        ("price", Arc::new(prices)),
        ("active", Arc::new(active)),
        ("city", Arc::new(cities)),
        ("at", Arc::new(times.with_timezone("UTC"))),
    ]
}

fn views(rows: usize) -> Result<Vec<(&'static str, ArrayRef)>, ArrowError> {
    // A third of the labels fit into the view itself (12 bytes); the rest lie in a data buffer.
    let label = |row: usize| match row % 3 {
        0 => format!("item-{}", noise(row) % 1_000),
        _ => format!("a longer description, number {}", noise(row) % 1_000_000),
    };
    let labels = StringViewArray::from_iter_values((0..rows).map(label));
    let amounts =
        Decimal128Array::from_iter_values((0..rows).map(|row| i128::from(noise(row)) - (1 << 31))).with_precision_and_scale(18, 2)?;
    let names = StringArray::from_iter_values((0..CATEGORIES).map(|category| format!("category-{category:03}")));
    let keys = Int32Array::from_iter_values((0..rows).map(|row| (noise(row) >> 10) as i32 % CATEGORIES as i32));
    let categories = DictionaryArray::<Int32Type>::try_new(keys, Arc::new(names))?;
    Ok(vec![("id", ids(rows)), ("label", Arc::new(labels)), ("amount", Arc::new(amounts)), ("category", Arc::new(categories))])
}
