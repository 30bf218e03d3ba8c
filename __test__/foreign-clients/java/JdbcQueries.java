import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** JDBC: what queries give. */
public final class JdbcQueries {
  private static final String NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n";

  public static void main(String[] arguments) throws Exception {
    try (Connection db = DriverManager.getConnection(arguments[0])) {
      Steps.step("numbers, text and a null", () -> Rows.of(db, "SELECT 1 AS one, -2.5 AS two, 'größer 漢 🦆' AS text, NULL AS empty"));
      Steps.step(
          "64-bit integers at both ends",
          () -> Rows.of(db, "SELECT 9223372036854775807 AS most, -9223372036854775807 - 1 AS least"));
      Steps.step("values of the types that columns are declared with", () -> declared(db));
      Steps.step("nulls of every declared type", () -> {
        Rows.update(db, "INSERT INTO typed DEFAULT VALUES");
        return Rows.of(db, "SELECT * FROM typed WHERE small IS NULL");
      });
      Steps.step("the types and the tables of columns", () -> types(db));
      Steps.step("values by the types that are asked for", () -> asked(db));
      Steps.step("no rows", () -> Rows.of(db, "SELECT * FROM typed WHERE small = 100"));
      Steps.step("many rows, every one of them once", () -> sum(db, NUMBERS));
      Steps.step("a limit of rows", () -> {
        try (Statement statement = db.createStatement()) {
          statement.setMaxRows(2);
          return Rows.all(statement.executeQuery(NUMBERS));
        }
      });
      Steps.step("two results that are read by turns", () -> byTurns(db));
      Steps.step("a prepared query runs again", () -> {
        try (PreparedStatement statement = db.prepareStatement("SELECT COUNT(*) AS n FROM typed")) {
          List<Object> found = new ArrayList<>(Rows.all(statement.executeQuery()));
          found.addAll(Rows.all(statement.executeQuery()));
          return found;
        }
      });
      Steps.step("execute tells a query from an update", () -> {
        try (Statement statement = db.createStatement()) {
          boolean isQuery = statement.execute("SELECT 1 AS one");
          List<Object> rows = Rows.all(statement.getResultSet());
          boolean isQueryToo = statement.execute("INSERT INTO typed (small) VALUES (7), (8)");
          return List.of(isQuery, rows, isQueryToo, statement.getUpdateCount());
        }
      });
    }
    Steps.step("several endpoints, asked for by a header: every row once", () -> {
      try (Connection many = DriverManager.getConnection(arguments[0] + "&x-flightsql-endpoints=4")) {
        return sum(many, NUMBERS);
      }
    });
  }

  private static Object declared(Connection db) throws Exception {
    Rows.update(
        db,
        "CREATE TABLE typed (yes BOOLEAN, price DECIMAL(12,2), day DATE, hour TIME, moment TIMESTAMP, small SMALLINT,"
            + " weight REAL, name TEXT, bytes BLOB)");
    Rows.update(
        db,
        "INSERT INTO typed VALUES (1, '12.50', '2024-02-29', '13:14:15.5', '2024-02-29 13:14:15.123456', -5, 0.1, 'a', x'00ff')");
    return Rows.of(db, "SELECT * FROM typed");
  }

  private static Object types(Connection db) throws Exception {
    try (Statement statement = db.createStatement();
        ResultSet rows = statement.executeQuery("SELECT small, price, weight, name FROM typed")) {
      ResultSetMetaData columns = rows.getMetaData();
      List<Object> found = new ArrayList<>();
      for (int index = 1; index <= columns.getColumnCount(); index++) {
        found.add(List.of(columns.getColumnName(index), columns.getColumnType(index), columns.getTableName(index), columns.getCatalogName(index)));
      }
      found.add(List.of(columns.getPrecision(2), columns.getScale(2)));
      return found;
    }
  }

  private static Object asked(Connection db) throws Exception {
    try (Statement statement = db.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM typed WHERE small = -5")) {
      rows.next();
      List<Object> found = new ArrayList<>();
      found.add(rows.getBoolean("yes"));
      found.add(rows.getBigDecimal("price"));
      found.add(rows.getDate("day"));
      found.add(rows.getTimestamp("moment"));
      found.add(rows.getInt("small"));
      found.add(rows.getDouble("weight"));
      found.add(rows.getString("name"));
      found.add(rows.getBytes("bytes"));
      found.add(rows.wasNull());
      return found;
    }
  }

  private static Object sum(Connection db, String sql) throws Exception {
    try (Statement statement = db.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      long count = 0;
      long sum = 0;
      while (rows.next()) {
        count++;
        sum += rows.getLong(1);
      }
      return List.of(count, sum);
    }
  }

  private static Object byTurns(Connection db) throws Exception {
    try (Statement one = db.createStatement();
        Statement other = db.createStatement();
        ResultSet up = one.executeQuery("SELECT 1 AS i UNION ALL SELECT 2");
        ResultSet down = other.executeQuery("SELECT -1 AS i UNION ALL SELECT -2")) {
      List<Object> found = new ArrayList<>();
      while (up.next() && down.next()) {
        found.add(List.of(up.getLong(1), down.getLong(1)));
      }
      return found;
    }
  }
}
