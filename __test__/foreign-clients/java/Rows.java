import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The rows of results. */
final class Rows {
  private Rows() {}

  static List<Object> of(Connection db, String sql) throws SQLException {
    try (Statement statement = db.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return all(rows);
    }
  }

  static List<Object> all(ResultSet rows) throws SQLException {
    String[] columns = new String[rows.getMetaData().getColumnCount()];
    for (int index = 0; index < columns.length; index++) {
      columns[index] = rows.getMetaData().getColumnName(index + 1);
    }
    return some(rows, columns);
  }

  /** Some columns of a result, in that order; it is closed after that. */
  static List<Object> some(ResultSet rows, String... columns) throws SQLException {
    List<Object> found = new ArrayList<>();
    try (rows) {
      while (rows.next()) {
        List<Object> row = new ArrayList<>();
        for (String column : columns) {
          row.add(rows.getObject(column));
        }
        found.add(row);
      }
    }
    return found;
  }

  static int update(Connection db, String sql) throws SQLException {
    try (Statement statement = db.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }
}
