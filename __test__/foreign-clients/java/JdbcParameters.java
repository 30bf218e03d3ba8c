import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;

/** JDBC: parameters. */
public final class JdbcParameters {
  public static void main(String[] arguments) throws Exception {
    try (Connection db = DriverManager.getConnection(arguments[0])) {
      Rows.update(db, "CREATE TABLE bound (id INTEGER PRIMARY KEY, name TEXT)");
      Rows.update(db, "INSERT INTO bound VALUES (1, 'a')");
      Steps.step("how many parameters a statement has", () -> {
        try (PreparedStatement statement = db.prepareStatement("SELECT * FROM bound WHERE id = ? OR name = ?")) {
          return statement.getParameterMetaData().getParameterCount();
        }
      });
      Steps.step("an integer as a parameter of a query", () -> {
        try (PreparedStatement statement = db.prepareStatement("SELECT * FROM bound WHERE id = ?")) {
          statement.setLong(1, 1);
          return Rows.all(statement.executeQuery());
        }
      });
      Steps.step("text as a parameter of an update", () -> {
        try (PreparedStatement statement = db.prepareStatement("UPDATE bound SET name = ?")) {
          statement.setString(1, "b");
          return statement.executeUpdate();
        }
      });
      Steps.step("after that the connection is as it was", () -> Rows.of(db, "SELECT * FROM bound"));
    }
  }
}
