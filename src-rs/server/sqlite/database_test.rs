#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

#[test]
fn no_log_is_left_though_all_connections_close_at_once() {
    let folder = std::env::temp_dir().join(format!("flightsql-left-log-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = DatabaseOption::File(folder.join("data.db"));
    let options = ServerOptions { database: file, init_sql: Some("CREATE TABLE IF NOT EXISTS t (a)".to_owned()), ..Default::default() };
    for _ in 0..50 {
        let database = Database::open(&options).unwrap();
        let all: Vec<Closed> = (0..3).map(|_| database.take().unwrap()).collect();
        for closed in &all {
            closed.connection.query_row("SELECT count(*) FROM t", [], |_| Ok(())).unwrap();
        }
        let together = std::sync::Barrier::new(all.len());
        std::thread::scope(|scope| {
            for closed in all {
                scope.spawn(|| {
                    together.wait();
                    drop(closed);
                });
            }
        });
        drop(database);
        let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["data.db"]);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
