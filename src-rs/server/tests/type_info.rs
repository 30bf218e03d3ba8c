//! The types that the server says it has, and those that it really has.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_flight::sql::CommandGetXdbcTypeInfo;
use arrow_schema::DataType;

use super::{Fixture, columns, rows};

async fn types(fixture: &Fixture, data_type: Option<i32>) -> RecordBatch {
    fixture.list(&CommandGetXdbcTypeInfo { data_type }).await.unwrap()
}

#[tokio::test]
async fn the_types_are_described_in_the_columns_of_the_specification() {
    let fixture = Fixture::start().await;
    let all = types(&fixture, None).await;
    assert_eq!(
        columns(&all.schema()),
        "type_name Utf8, data_type Int32, column_size Int32, literal_prefix Utf8, literal_suffix Utf8, \
         create_params List(non-null Utf8), nullable Int32, case_sensitive Boolean, searchable Int32, unsigned_attribute Boolean, \
         fixed_prec_scale Boolean, auto_increment Boolean, local_type_name Utf8, minimum_scale Int32, maximum_scale Int32, \
         sql_data_type Int32, datetime_subcode Int32, num_prec_radix Int32, interval_precision Int32"
    );
    let codes = all.column(1).as_primitive::<Int32Type>().values();
    let names: Vec<_> = all.column(0).as_string::<i32>().iter().flatten().collect();
    let keys: Vec<_> = codes.iter().zip(&names).collect();
    assert!(keys.is_sorted(), "{keys:?}");
    let info = rows(&all);
    for expected in [
        "BIGINT|-5|19|NULL|NULL|NULL|1|false|3|false|false|false|NULL|0|0|-5|NULL|10|NULL",
        "BLOB|-4|268435456|X'|'|NULL|1|false|3|NULL|false|NULL|NULL|NULL|NULL|-4|NULL|NULL|NULL",
        "BOOLEAN|-7|1|NULL|NULL|NULL|1|false|3|NULL|false|NULL|NULL|NULL|NULL|-7|NULL|NULL|NULL",
        "DATE|91|10|'|'|NULL|1|false|3|NULL|false|NULL|NULL|NULL|NULL|9|1|NULL|NULL",
        "DECIMAL|3|76|NULL|NULL|[precision, scale]|1|false|3|false|false|false|NULL|0|76|3|NULL|10|NULL",
        "DECIMAL TEXT|3|76|'|'|[precision, scale]|1|false|3|false|false|false|NULL|0|76|3|NULL|10|NULL",
        "DOUBLE|8|53|NULL|NULL|NULL|1|false|3|false|false|false|NULL|NULL|NULL|8|NULL|2|NULL",
        "INTEGER|-5|19|NULL|NULL|NULL|1|false|3|false|false|true|NULL|0|0|-5|NULL|10|NULL",
        "TIME|92|18|'|'|[precision]|1|false|3|NULL|false|NULL|NULL|0|9|9|2|NULL|NULL",
        "TIMESTAMP|93|29|'|'|[precision]|1|false|3|NULL|false|NULL|NULL|0|9|9|3|NULL|NULL",
        "TIMESTAMP WITH TIME ZONE|93|35|'|'|[precision]|1|false|3|NULL|false|NULL|NULL|0|9|9|5|NULL|NULL",
        "UTINYINT|-6|3|NULL|NULL|NULL|1|false|3|true|false|false|NULL|0|0|-6|NULL|10|NULL",
        "VARCHAR|12|268435456|'|'|[length]|1|true|3|NULL|false|NULL|NULL|NULL|NULL|12|NULL|NULL|NULL",
    ] {
        assert!(info.iter().any(|row| row == expected), "{expected} in {info:#?}");
    }
}

#[tokio::test]
async fn a_code_selects_its_types() {
    let fixture = Fixture::start().await;
    let all = types(&fixture, None).await;
    let names = |batch: &RecordBatch| batch.column(0).as_string::<i32>().iter().flatten().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(names(&types(&fixture, Some(-5)).await), ["BIGINT", "INTEGER", "UBIGINT"]);
    assert_eq!(names(&types(&fixture, Some(93)).await), ["DATETIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"]);
    for none in [0, 10, 1000, i32::MIN] {
        assert_eq!(types(&fixture, Some(none)).await.num_rows(), 0, "{none}");
    }
    let codes: std::collections::BTreeSet<i32> = all.column(1).as_primitive::<Int32Type>().values().iter().copied().collect();
    let mut count = 0;
    for code in codes {
        count += types(&fixture, Some(code)).await.num_rows();
    }
    assert_eq!(count, all.num_rows());
}

#[tokio::test]
async fn a_column_can_be_declared_with_every_type_and_has_its_size() {
    let fixture = Fixture::start().await;
    let all = types(&fixture, None).await;
    for row in 0..all.num_rows() {
        let name = all.column(0).as_string::<i32>().value(row);
        let code = all.column(1).as_primitive::<Int32Type>().value(row);
        let size = all.column(2).as_primitive::<Int32Type>().value(row);
        let parameters = all.column(5).as_list::<i32>();
        let count = parameters.iter().nth(row).flatten().map_or(0, |list| list.len());
        let is_unsigned = all.column(9).as_boolean().iter().nth(row).flatten().unwrap_or(false);
        let declared = match (count, name) {
            (2, _) => format!("{name}({size}, 1)"),
            (1, "TIME" | "TIMESTAMP" | "DATETIME" | "TIMESTAMP WITH TIME ZONE") => format!("{name}(9)"),
            (1, _) => format!("{name}(7)"),
            _ => name.to_owned(),
        };
        let batch = {
            fixture.update(&format!("CREATE TABLE t (v {declared})")).await.unwrap();
            let batch = fixture.query("SELECT v FROM t").await.unwrap();
            fixture.update("DROP TABLE t").await.unwrap();
            batch
        };
        let schema = batch.schema();
        let found = schema.field(0).data_type();
        let is_right = match (code, is_unsigned) {
            (-7, false) => *found == DataType::Boolean,
            (-6, false) => *found == DataType::Int8,
            (-6, true) => *found == DataType::UInt8,
            (5, false) => *found == DataType::Int16,
            (5, true) => *found == DataType::UInt16,
            (4, false) => *found == DataType::Int32,
            (4, true) => *found == DataType::UInt32,
            (-5, false) => *found == DataType::Int64,
            (-5, true) => *found == DataType::UInt64,
            (7, false) => *found == DataType::Float32,
            (6 | 8, false) => *found == DataType::Float64,
            (2 | 3, false) => *found == DataType::Decimal256(76, 1),
            (91, false) => *found == DataType::Date32,
            (92, false) => matches!(found, DataType::Time64(arrow_schema::TimeUnit::Nanosecond)),
            (93, false) => matches!(found, DataType::Timestamp(arrow_schema::TimeUnit::Nanosecond, zone)
                if zone.is_some() == name.contains("ZONE")),
            (1 | 12 | -1 | -8 | -9, false) => *found == DataType::Utf8,
            (-4..=-2, false) => *found == DataType::Binary,
            _ => false,
        };
        assert!(is_right, "{declared}, {code}: {found}");
    }
}
