//! Primary and foreign keys, as SQLite's catalog has them.

use arrow_array::RecordBatch;
use arrow_flight::FlightDescriptor;
use arrow_flight::sql::{CommandGetCrossReference, CommandGetExportedKeys, CommandGetImportedKeys, CommandGetPrimaryKeys, ProstMessageExt};
use arrow_schema::Schema;
use prost::Message;

use super::{Fixture, rows};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

async fn primary(fixture: &Fixture, table: &str) -> Vec<String> {
    let command = CommandGetPrimaryKeys { table: table.to_owned(), ..Default::default() };
    rows(&fixture.list(&command).await.unwrap())
}

/// Parent and child with their columns, the sequence, both names and both rules; catalogs and schemas are the same in
/// every row.
fn references(batch: &RecordBatch) -> Vec<String> {
    for index in [0, 4] {
        assert!(rows(&batch.project(&[index, index + 1]).unwrap()).iter().all(|row| row == "main|"));
    }
    rows(&batch.project(&[2, 3, 6, 7, 8, 9, 10, 11, 12]).unwrap())
}

async fn exported(fixture: &Fixture, table: &str) -> Vec<String> {
    let command = CommandGetExportedKeys { table: table.to_owned(), ..Default::default() };
    references(&fixture.list(&command).await.unwrap())
}

async fn imported(fixture: &Fixture, table: &str) -> Vec<String> {
    let command = CommandGetImportedKeys { table: table.to_owned(), ..Default::default() };
    references(&fixture.list(&command).await.unwrap())
}

async fn between(fixture: &Fixture, parent: &str, child: &str) -> Vec<String> {
    let command = CommandGetCrossReference { pk_table: parent.to_owned(), fk_table: child.to_owned(), ..Default::default() };
    references(&fixture.list(&command).await.unwrap())
}

/// Names, types, and `!` for what cannot be null.
fn shape(schema: &Schema) -> String {
    let field =
        |field: &arrow_schema::FieldRef| format!("{} {}{}", field.name(), field.data_type(), if field.is_nullable() { "" } else { "!" });
    schema.fields().iter().map(field).collect::<Vec<_>>().join(", ")
}

async fn schema_of(fixture: &Fixture, command: &impl ProstMessageExt) -> String {
    let descriptor = FlightDescriptor::new_cmd(command.as_any().encode_to_vec());
    let result = fixture.client.clone().get_schema(descriptor).await.unwrap().into_inner();
    let schema = Schema::try_from(result).unwrap();
    assert_eq!(schema, fixture.info_of(command).await.unwrap().try_decode_schema().unwrap());
    assert_eq!(schema, *fixture.list(command).await.unwrap().schema());
    shape(&schema)
}

#[tokio::test]
async fn the_schemas_are_those_of_the_specification() {
    let fixture = Fixture::with_sql("CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER REFERENCES t)").await;
    let table = || "t".to_owned();
    assert_eq!(
        schema_of(&fixture, &CommandGetPrimaryKeys { table: table(), ..Default::default() }).await,
        "catalog_name Utf8, db_schema_name Utf8, table_name Utf8!, column_name Utf8!, key_name Utf8, key_sequence Int32!"
    );
    let foreign = "pk_catalog_name Utf8, pk_db_schema_name Utf8, pk_table_name Utf8!, pk_column_name Utf8!, \
                   fk_catalog_name Utf8, fk_db_schema_name Utf8, fk_table_name Utf8!, fk_column_name Utf8!, \
                   key_sequence Int32!, fk_key_name Utf8, pk_key_name Utf8, update_rule UInt8!, delete_rule UInt8!";
    assert_eq!(schema_of(&fixture, &CommandGetExportedKeys { table: table(), ..Default::default() }).await, foreign);
    assert_eq!(schema_of(&fixture, &CommandGetImportedKeys { table: table(), ..Default::default() }).await, foreign);
    let cross = CommandGetCrossReference { pk_table: table(), fk_table: table(), ..Default::default() };
    assert_eq!(schema_of(&fixture, &cross).await, foreign);
}

#[tokio::test]
async fn a_primary_key_has_its_columns_in_the_order_of_the_key() {
    let fixture = Fixture::with_sql(
        "CREATE TABLE rowid (id INTEGER PRIMARY KEY, a);
         CREATE TABLE composite (a, b, c, CONSTRAINT \"the key\" PRIMARY KEY (c, a));
         CREATE TABLE without_rowid (b TEXT, a TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
         CREATE TABLE none (a UNIQUE);
         CREATE VIEW v AS SELECT * FROM rowid;
         CREATE VIEW broken AS SELECT * FROM gone;
         CREATE VIRTUAL TABLE docs USING fts5(body);",
    )
    .await;
    for (table, expected) in [
        ("rowid", &["main||rowid|id|NULL|1"][..]),
        ("composite", &["main||composite|c|the key|1", "main||composite|a|the key|2"]),
        ("without_rowid", &["main||without_rowid|a|NULL|1", "main||without_rowid|b|NULL|2"]),
        ("none", &[]),
        ("v", &[]),
        ("broken", &[]),
        ("docs", &[]),
        ("docs_data", &[]),
        ("sqlite_schema", &[]),
        ("", &[]),
        ("gone", &[]),
    ] {
        assert_eq!(primary(&fixture, table).await, expected, "{table}");
    }
}

#[tokio::test]
async fn a_table_is_found_as_sqlite_finds_it_and_no_name_is_sql() {
    let fixture = Fixture::with_sql(
        "CREATE TABLE Orders (Id INTEGER PRIMARY KEY);
         CREATE TABLE \"it's \"\"odd\"\" %\" (\"k'1\" INTEGER PRIMARY KEY, up REFERENCES \"it's \"\"odd\"\" %\");
         CREATE TABLE Ümlaut (id INTEGER PRIMARY KEY);",
    )
    .await;
    assert_eq!(primary(&fixture, "oRDERS").await, ["main||Orders|Id|NULL|1"]);
    assert_eq!(primary(&fixture, "Ümlaut").await.len(), 1);
    assert_eq!(primary(&fixture, "ümlaut").await.len(), 0, "only ASCII letters are the same in both cases");
    let odd = "it's \"odd\" %";
    assert_eq!(primary(&fixture, odd).await, [format!("main||{odd}|k'1|NULL|1")]);
    let key = [format!("{odd}|k'1|{odd}|up|1|NULL|NULL|3|3")];
    assert_eq!(exported(&fixture, odd).await, key);
    assert_eq!(imported(&fixture, odd).await, key);
    assert_eq!(between(&fixture, odd, odd).await, key);
    for name in ["Orders') --", "Orders'; DROP TABLE Orders; --", "%", "Order_", "Orders\0", "main.Orders", "\"Orders\""] {
        assert_eq!(primary(&fixture, name).await.len(), 0, "{name}");
        assert_eq!(imported(&fixture, name).await.len(), 0, "{name}");
        assert_eq!(exported(&fixture, name).await.len(), 0, "{name}");
        assert_eq!(between(&fixture, name, name).await.len(), 0, "{name}");
    }
}

#[tokio::test]
async fn a_catalog_and_a_schema_that_are_given_must_match() {
    let fixture = Fixture::with_sql("CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER REFERENCES t)").await;
    for (catalog, db_schema, expected) in [
        (None, None, 1),
        (some("main"), None, 1),
        (some("MAIN"), some(""), 1),
        (None, some(""), 1),
        (some(""), None, 0),
        (some("temp"), None, 0),
        (None, some("main"), 0),
        (some("main"), some("%"), 0),
    ] {
        let (catalog, db_schema, table) = (&catalog, &db_schema, "t".to_owned());
        let what = format!("{catalog:?} {db_schema:?}");
        let command = CommandGetPrimaryKeys { catalog: catalog.clone(), db_schema: db_schema.clone(), table: table.clone() };
        assert_eq!(fixture.list(&command).await.unwrap().num_rows(), expected, "{what}");
        let command = CommandGetExportedKeys { catalog: catalog.clone(), db_schema: db_schema.clone(), table: table.clone() };
        assert_eq!(fixture.list(&command).await.unwrap().num_rows(), expected, "{what}");
        let command = CommandGetImportedKeys { catalog: catalog.clone(), db_schema: db_schema.clone(), table: table.clone() };
        assert_eq!(fixture.list(&command).await.unwrap().num_rows(), expected, "{what}");
        let both = CommandGetCrossReference { pk_table: table.clone(), fk_table: table, ..Default::default() };
        let of_parent = CommandGetCrossReference { pk_catalog: catalog.clone(), pk_db_schema: db_schema.clone(), ..both.clone() };
        assert_eq!(fixture.list(&of_parent).await.unwrap().num_rows(), expected, "{what}");
        let of_child = CommandGetCrossReference { fk_catalog: catalog.clone(), fk_db_schema: db_schema.clone(), ..both };
        assert_eq!(fixture.list(&of_child).await.unwrap().num_rows(), expected, "{what}");
    }
}

const SHOP: &str = "CREATE TABLE parent (b TEXT, a INTEGER, u UNIQUE, CONSTRAINT parent_key PRIMARY KEY (a, b));
    CREATE TABLE single (Id INTEGER PRIMARY KEY);
    CREATE TABLE zebra (x INTEGER, y TEXT, s INTEGER REFERENCES SINGLE ON DELETE CASCADE ON UPDATE SET NULL,
        CONSTRAINT z_key FOREIGN KEY (x, y) REFERENCES Parent ON DELETE SET DEFAULT,
        CONSTRAINT a_key FOREIGN KEY (y, x) REFERENCES parent (B, A) ON UPDATE RESTRICT);
    CREATE TABLE ant (p REFERENCES parent (u), s REFERENCES single (ID) ON DELETE NO ACTION);";

#[tokio::test]
async fn the_keys_that_refer_to_a_table_come_by_the_names_of_their_tables_and_their_own() {
    let fixture = Fixture::with_sql(SHOP).await;
    assert_eq!(
        exported(&fixture, "PARENT").await,
        [
            "parent|u|ant|p|1|NULL|NULL|3|3",
            "parent|b|zebra|y|1|a_key|parent_key|1|3",
            "parent|a|zebra|x|2|a_key|parent_key|1|3",
            "parent|a|zebra|x|1|z_key|parent_key|3|4",
            "parent|b|zebra|y|2|z_key|parent_key|3|4",
        ]
    );
    assert_eq!(exported(&fixture, "single").await, ["single|Id|ant|s|1|NULL|NULL|3|3", "single|Id|zebra|s|1|NULL|NULL|2|0"]);
    assert_eq!(exported(&fixture, "zebra").await.len(), 0);
}

#[tokio::test]
async fn the_keys_of_a_table_come_by_the_names_of_the_tables_that_they_refer_to() {
    let fixture = Fixture::with_sql(SHOP).await;
    assert_eq!(
        imported(&fixture, "ZEBRA").await,
        [
            "parent|a|zebra|x|1|z_key|parent_key|3|4",
            "parent|b|zebra|y|2|z_key|parent_key|3|4",
            "parent|b|zebra|y|1|a_key|parent_key|1|3",
            "parent|a|zebra|x|2|a_key|parent_key|1|3",
            "single|Id|zebra|s|1|NULL|NULL|2|0",
        ]
    );
    assert_eq!(imported(&fixture, "ant").await, ["parent|u|ant|p|1|NULL|NULL|3|3", "single|Id|ant|s|1|NULL|NULL|3|3"]);
    assert_eq!(imported(&fixture, "single").await.len(), 0);
}

#[tokio::test]
async fn a_cross_reference_has_the_keys_from_one_table_to_the_other() {
    let fixture = Fixture::with_sql(SHOP).await;
    assert_eq!(between(&fixture, "Single", "Zebra").await, ["single|Id|zebra|s|1|NULL|NULL|2|0"]);
    assert_eq!(between(&fixture, "parent", "zebra").await.len(), 4);
    assert_eq!(between(&fixture, "zebra", "parent").await.len(), 0);
    assert_eq!(between(&fixture, "single", "gone").await.len(), 0);
    assert_eq!(between(&fixture, "gone", "zebra").await.len(), 0);
}

#[tokio::test]
async fn the_columns_of_keys_without_names_stay_together() {
    let fixture = Fixture::with_sql(
        "CREATE TABLE parent (a, b, PRIMARY KEY (a, b));
         CREATE TABLE child (a, b, c, d, FOREIGN KEY (a, b) REFERENCES parent, FOREIGN KEY (c, d) REFERENCES parent);",
    )
    .await;
    let expected = ["a", "b", "c", "d"].iter().zip(["a|1", "b|2", "a|1", "b|2"]).map(|(child, parent)| {
        let (column, sequence) = parent.split_once('|').unwrap();
        format!("parent|{column}|child|{child}|{sequence}|NULL|NULL|3|3")
    });
    let expected: Vec<_> = expected.collect();
    assert_eq!(exported(&fixture, "parent").await, expected);
    assert_eq!(imported(&fixture, "child").await, expected);
    assert_eq!(between(&fixture, "parent", "child").await, expected);
}

#[tokio::test]
async fn a_key_may_refer_to_its_own_table_or_to_one_that_is_not_there() {
    let fixture = Fixture::with_sql(
        "CREATE TABLE node (id INTEGER PRIMARY KEY, up INTEGER REFERENCES node ON DELETE CASCADE);
         CREATE TABLE lost (a REFERENCES Gone (x), b REFERENCES Gone, c REFERENCES keyless);
         CREATE TABLE keyless (a);",
    )
    .await;
    let node = ["node|id|node|up|1|NULL|NULL|3|0"];
    assert_eq!(exported(&fixture, "node").await, node);
    assert_eq!(imported(&fixture, "node").await, node);
    assert_eq!(between(&fixture, "node", "node").await, node);
    // A column that nobody named has no name.
    assert_eq!(
        imported(&fixture, "lost").await,
        ["Gone|x|lost|a|1|NULL|NULL|3|3", "Gone||lost|b|1|NULL|NULL|3|3", "keyless||lost|c|1|NULL|NULL|3|3"]
    );
    assert_eq!(exported(&fixture, "Gone").await.len(), 0);
    assert_eq!(exported(&fixture, "keyless").await, ["keyless||lost|c|1|NULL|NULL|3|3"]);
}

#[tokio::test]
async fn keys_are_read_when_they_are_asked_for() {
    let fixture = Fixture::with_sql("CREATE TABLE p (id INTEGER PRIMARY KEY)").await;
    let info = fixture.info_of(&CommandGetExportedKeys { table: "p".to_owned(), ..Default::default() }).await.unwrap();
    fixture.update("CREATE TABLE c (a)").await.unwrap();
    fixture.update("ALTER TABLE c ADD COLUMN b CONSTRAINT added REFERENCES p").await.unwrap();
    let (_, batches) = fixture.read(info.endpoint[0].ticket.as_ref().unwrap()).await.unwrap();
    assert_eq!(references(&batches[0]), ["p|id|c|b|1|added|NULL|3|3"]);
}
