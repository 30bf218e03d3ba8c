import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.util.List;

/** JDBC: what changes the database, and what is wrong. */
public final class JdbcChanges {
  public static void main(String[] arguments) throws Exception {
    try (Connection db = DriverManager.getConnection(arguments[0])) {
      Steps.step("a table, an index and a view are made, altered and dropped", () -> {
        for (String sql :
            List.of(
                "CREATE TABLE made (id INTEGER)",
                "CREATE INDEX made_id ON made (id)",
                "ALTER TABLE made ADD COLUMN name TEXT",
                "CREATE VIEW seen AS SELECT name FROM made",
                "DROP VIEW seen",
                "DROP TABLE made")) {
          Rows.update(db, sql);
        }
        return Steps.refusal(() -> Rows.of(db, "SELECT * FROM made"));
      });
      Steps.step("an update tells how many rows it changed", () -> {
        Rows.update(db, "CREATE TABLE changes (id INTEGER PRIMARY KEY, name TEXT)");
        return List.of(
            Rows.update(db, "INSERT INTO changes VALUES (1, 'a'), (2, 'b'), (3, 'c')"),
            Rows.update(db, "UPDATE changes SET name = 'd' WHERE id > 1"),
            Rows.update(db, "UPDATE changes SET name = 'd' WHERE id > 100"),
            Rows.update(db, "DELETE FROM changes WHERE id = 3"));
      });
      Steps.step("a prepared update without parameters", () -> {
        try (PreparedStatement statement = db.prepareStatement("INSERT INTO changes (name) VALUES ('p')")) {
          return List.of(statement.executeUpdate(), statement.executeUpdate());
        }
      });
      Steps.step("rows that an update returns are its result", () -> Rows.of(db, "DELETE FROM changes WHERE name = 'p' RETURNING name"));
      // The driver begins no transaction.
      Steps.step("a rollback undoes nothing", () -> {
        db.setAutoCommit(false);
        Rows.update(db, "INSERT INTO changes VALUES (10, 't')");
        db.rollback();
        db.setAutoCommit(true);
        return Rows.update(db, "DELETE FROM changes WHERE id = 10");
      });
      Steps.step("SQL that is none", () -> Steps.refusal(() -> Rows.of(db, "SELEKT 1")));
      Steps.step("a table that is not there is named", () -> Steps.refusal(() -> Rows.of(db, "SELECT * FROM missing")));
      Steps.step("a key that is there twice is named", () -> Steps.refusal(() -> Rows.update(db, "INSERT INTO changes VALUES (1, 'z')")));
      Steps.step("after what was refused the connection is as it was", () -> List.of(Rows.of(db, "SELECT * FROM changes"), db.isValid(5)));
    }
  }
}
