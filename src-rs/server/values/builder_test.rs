#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use arrow_array::cast::AsArray;

use super::*;

fn built(kind: ColumnType, cells: &[Cell<'_>]) -> ArrayRef {
    let mut builder = ColumnBuilder::new(kind, cells.len());
    for cell in cells {
        builder.append(cell).unwrap();
    }
    builder.finish()
}

#[test]
fn every_type_has_the_arrow_type_that_it_announces() {
    for declared in [
        "BOOLEAN",
        "INT1",
        "INT2",
        "INT4",
        "INT",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
        "UBIGINT",
        "FLOAT4",
        "REAL",
        "DECIMAL(10,2)",
        "DECIMAL(50,2)",
        "DATE",
        "TIME(0)",
        "TIME(3)",
        "TIME",
        "TIME(9)",
        "TIMESTAMP(0)",
        "TIMESTAMP(3)",
        "TIMESTAMP",
        "TIMESTAMP(9)",
        "TIMESTAMPTZ",
        "TIMESTAMPTZ 'Europe/Berlin'",
        "TEXT",
        "LARGE TEXT",
        "TEXT VIEW",
        "BLOB",
        "LARGE BLOB",
        "BLOB VIEW",
        "FIXED BLOB(3)",
        "FLOAT2",
        "DATE64",
        "DECIMAL32(5,2)",
        "DECIMAL64(5,2)",
        "DECIMAL256(5,2)",
    ] {
        let kind = ColumnType::of_declaration(declared).unwrap();
        let array = built(kind, &[Cell::Null]);
        assert_eq!(array.data_type(), &kind.arrow(), "{declared}");
        assert_eq!((array.len(), array.null_count()), (1, 1), "{declared}");
    }
}

#[test]
fn a_value_that_does_not_fit_is_refused_and_adds_nothing() {
    for (kind, cell) in [
        (ColumnType::Int8, Cell::Integer(128)),
        (ColumnType::UInt8, Cell::Integer(-1)),
        (ColumnType::UInt64, Cell::Real(18_446_744_073_709_551_616.0)),
        (ColumnType::Int64, Cell::Real(1.5)),
        (ColumnType::Int64, Cell::Real(9_223_372_036_854_775_808.0)),
        (ColumnType::Int64, Cell::Text(b"1")),
        (ColumnType::Float64, Cell::Integer(9_007_199_254_740_993)),
        (ColumnType::Float64, Cell::Integer(i64::MAX)),
        (ColumnType::Float32, Cell::Real(1e39)),
        (ColumnType::Boolean, Cell::Integer(2)),
        (ColumnType::Text, Cell::Blob(b"text")),
        (ColumnType::Text, Cell::Text(b"\xff")),
        (ColumnType::Date, Cell::Integer(0)),
        (ColumnType::Decimal { precision: 3, scale: 1, width: super::super::types::DecimalWidth::AsNeeded }, Cell::Real(0.25)),
    ] {
        let mut builder = ColumnBuilder::new(kind, 1);
        let misfit = builder.append(&cell).unwrap_err();
        assert!(misfit.what.starts_with(&cell.to_string()), "{}", misfit.what);
        assert_eq!(builder.finish().len(), 0, "{cell}");
    }
}

#[test]
fn numbers_cross_where_nothing_is_lost() {
    let integers = built(ColumnType::Int64, &[Cell::Real(-3.0), Cell::Integer(i64::MIN)]);
    assert_eq!(integers.as_primitive::<Int64Type>().values()[..], [-3, i64::MIN]);
    let reals = built(ColumnType::Float64, &[Cell::Integer(9_007_199_254_740_994), Cell::Real(f64::INFINITY)]);
    assert_eq!(reals.as_primitive::<Float64Type>().values()[..], [9_007_199_254_740_994.0, f64::INFINITY]);
    let texts = built(ColumnType::Text, &[Cell::Integer(7), Cell::Real(0.1 + 0.2), Cell::Text("ü".as_bytes())]);
    assert_eq!(texts.as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["7", "0.30000000000000004", "ü"]);
    let blobs = built(ColumnType::Blob, &[Cell::Text(b"a"), Cell::Blob(&[0, 255])]);
    assert_eq!(blobs.as_binary::<i32>().iter().flatten().collect::<Vec<_>>(), [&b"a"[..], &[0, 255]]);
    let flags = built(ColumnType::Boolean, &[Cell::Integer(1), Cell::Text(b"FALSE")]);
    assert_eq!(flags.as_boolean().iter().flatten().collect::<Vec<_>>(), [true, false]);
}
