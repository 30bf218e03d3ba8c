import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;

/** JDBC: who is let in. */
public final class JdbcLogin {
  public static void main(String[] arguments) {
    String url = arguments[0];
    Steps.step("a user with the password", () -> asked(url + "&user=demo&password=secret"));
    Steps.step("a token", () -> asked(url + "&token=a-token"));
    Steps.step("a wrong password is refused", () -> Steps.refusal(() -> asked(url + "&user=demo&password=wrong")));
    Steps.step("an unknown user is refused", () -> Steps.refusal(() -> asked(url + "&user=nobody&password=secret")));
    Steps.step("a wrong token is refused", () -> Steps.refusal(() -> asked(url + "&token=wrong")));
    Steps.step("nobody is refused", () -> Steps.refusal(() -> asked(url)));
  }

  private static List<Object> asked(String url) throws SQLException {
    try (Connection db = DriverManager.getConnection(url)) {
      return Rows.of(db, "SELECT id FROM known WHERE id = 1");
    }
  }
}
