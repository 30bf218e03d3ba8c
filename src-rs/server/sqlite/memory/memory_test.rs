#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use rusqlite::{Connection, OpenFlags};

use super::*;

fn connect(database: &MemoryDatabase) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags_and_vfs(database.name(), flags, VFS_NAME).unwrap()
}

fn count(connection: &Connection) -> i64 {
    connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
}

fn files_of(name: &str) -> usize {
    files().keys().filter(|file| file.as_str() == name || file.starts_with(&format!("{name}-"))).count()
}

#[test]
fn a_reader_keeps_its_snapshot_beside_a_writer_and_everything_goes_with_the_owner() {
    let database = MemoryDatabase::create().unwrap();
    let writer = connect(&database);
    let mode: String = writer.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    writer.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)").unwrap();
    let reader = connect(&database);
    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(count(&reader), 2);
    writer.execute_batch("INSERT INTO t VALUES (3); BEGIN; DELETE FROM t").unwrap();
    assert_eq!(count(&reader), 2);
    writer.execute_batch("ROLLBACK; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(count(&reader), 3);
    let name = database.name().to_owned();
    assert_eq!(files_of(&name), 2);
    drop((reader, writer));
    assert_eq!(files_of(&name), 1, "the last connection takes the log with it");
    let again = connect(&database);
    assert_eq!(count(&again), 3);
    let check: String = again.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    drop(again);
    drop(database);
    assert_eq!(files_of(&name), 0);
}

#[test]
fn no_name_makes_a_database_by_itself() {
    vfs::register().unwrap();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    assert!(Connection::open_with_flags_and_vfs("/elsewhere", flags, VFS_NAME).is_err());
}

#[test]
fn large_transactions_spill_and_roll_back() {
    let database = MemoryDatabase::create().unwrap();
    let connection = connect(&database);
    connection.execute_batch("PRAGMA cache_size = 10; CREATE TABLE t (a)").unwrap();
    let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
        INSERT INTO t SELECT zeroblob(1000) FROM n";
    for journal in ["DELETE", "TRUNCATE", "PERSIST", "MEMORY", "WAL"] {
        connection.query_row(&format!("PRAGMA journal_mode = {journal}"), [], |_| Ok(())).unwrap();
        connection.execute_batch(&format!("BEGIN; {fill}; UPDATE t SET a = 1; ROLLBACK")).unwrap();
        assert_eq!(count(&connection), 0, "{journal}");
        connection.execute_batch(&format!("{fill}; DELETE FROM t; VACUUM")).unwrap();
        let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok", "{journal}");
    }
}
