import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.util.List;

/** JDBC: what there is on the server. */
public final class JdbcMetadata {
  private static final String[] FOREIGN_KEY = {"PKTABLE_NAME", "PKCOLUMN_NAME", "FKTABLE_NAME", "FKCOLUMN_NAME", "DELETE_RULE"};

  public static void main(String[] arguments) throws Exception {
    try (Connection db = DriverManager.getConnection(arguments[0])) {
      Rows.update(db, "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, weight REAL)");
      Rows.update(db, "CREATE TABLE parts (id INTEGER PRIMARY KEY, item INTEGER REFERENCES items (id) ON DELETE CASCADE)");
      Rows.update(db, "CREATE VIEW named AS SELECT name FROM items");
      DatabaseMetaData meta = db.getMetaData();
      Steps.step("catalogs", () -> Rows.all(meta.getCatalogs()));
      Steps.step("schemas", () -> Rows.some(meta.getSchemas(), "TABLE_CATALOG", "TABLE_SCHEM"));
      Steps.step("the types of tables", () -> Rows.all(meta.getTableTypes()));
      Steps.step("tables by pattern", () -> Rows.some(meta.getTables(null, null, "%s", null), "TABLE_NAME", "TABLE_TYPE"));
      Steps.step("tables by type", () -> Rows.some(meta.getTables(null, null, null, new String[] {"view"}), "TABLE_NAME", "TABLE_TYPE"));
      Steps.step("tables that are not there", () -> Rows.some(meta.getTables("none", null, null, null), "TABLE_NAME"));
      Steps.step("columns, with their types and places", () -> {
        return Rows.some(meta.getColumns(null, null, "items", null), "COLUMN_NAME", "DATA_TYPE", "ORDINAL_POSITION");
      });
      Steps.step("the types that columns were declared with", () -> Rows.some(meta.getColumns(null, null, "items", null), "TYPE_NAME"));
      Steps.step("primary keys", () -> Rows.some(meta.getPrimaryKeys(null, null, "items"), "TABLE_NAME", "COLUMN_NAME", "KEY_SEQ"));
      Steps.step("imported keys", () -> Rows.some(meta.getImportedKeys(null, null, "parts"), FOREIGN_KEY));
      Steps.step("exported keys", () -> Rows.some(meta.getExportedKeys(null, null, "items"), FOREIGN_KEY));
      Steps.step("the keys between two tables", () -> Rows.some(meta.getCrossReference(null, null, "items", null, null, "parts"), FOREIGN_KEY));
      Steps.step("what the server says of itself", () -> List.of(meta.getDatabaseProductName(), meta.getDatabaseProductVersion()));
      Steps.step("how names are quoted", () -> meta.getIdentifierQuoteString());
      Steps.step("what the server can", () -> {
        return List.of(
            meta.isReadOnly(),
            meta.supportsTransactions(),
            meta.supportsSavepoints(),
            meta.supportsUnion(),
            meta.supportsOuterJoins(),
            meta.supportsGroupBy(),
            meta.supportsSubqueriesInIns());
      });
      Steps.step("the functions that there are", () -> {
        return List.of(
            List.of(meta.getStringFunctions().split(", ?")).contains("upper"),
            List.of(meta.getNumericFunctions().split(", ?")).contains("abs"));
      });
    }
    // The driver closes the session, and then once more what it has closed.
    Steps.step("a catalog that is chosen begins a session", () -> {
      Connection db = DriverManager.getConnection(arguments[0] + "&catalog=main");
      return List.of(Rows.of(db, "SELECT 1 AS one"), Steps.refusal(() -> {
        db.close();
        return db.isClosed();
      }));
    });
  }
}
