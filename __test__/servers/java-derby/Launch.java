import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightServer;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.auth.BasicServerAuthHandler;
import org.apache.arrow.flight.auth2.BasicCallHeaderAuthenticator;
import org.apache.arrow.flight.auth2.GeneratedBearerTokenAuthenticator;
import org.apache.arrow.flight.sql.example.FlightSqlExample;
import org.apache.arrow.flight.sql.example.FlightSqlStatelessExample;
import org.apache.arrow.memory.RootAllocator;

/**
 * Serves the Derby example of arrow-java on loopback, where its own main listens on every address.
 *
 * <p>{@code Launch PORT EXAMPLE AUTH TLS CERTIFICATES}: stateful or stateless; none, basic or handshake; none, tls or
 * mtls; the folder of server.pem, server.pk8 and ca.pem.
 */
public final class Launch {
  private static final String USER = "demo";
  private static final String PASSWORD = "secret";

  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    boolean stateless = arguments[1].equals("stateless");
    String auth = arguments[2];
    String tls = arguments[3];
    File certificates = new File(arguments[4]);

    Location location =
        tls.equals("none") ? Location.forGrpcInsecure("127.0.0.1", port) : Location.forGrpcTls("127.0.0.1", port);
    String database = "tests" + port;
    FlightSqlExample example =
        stateless ? new FlightSqlStatelessExample(location, database) : new FlightSqlExample(location, database);
    FlightServer.Builder builder = FlightServer.builder(new RootAllocator(), location, example);
    if (auth.equals("basic")) {
      builder.headerAuthenticator(new GeneratedBearerTokenAuthenticator(new BasicCallHeaderAuthenticator(Launch::login)));
    } else if (auth.equals("handshake")) {
      builder.authHandler(new BasicServerAuthHandler(new HandshakeTokens()));
    }
    if (!tls.equals("none")) {
      builder.useTls(new File(certificates, "server.pem"), new File(certificates, "server.pk8"));
    }
    if (tls.equals("mtls")) {
      builder.useMTlsClientVerification(new File(certificates, "ca.pem"));
    }
    try (FlightServer server = builder.build()) {
      server.start();
      server.awaitTermination();
    }
  }

  private static org.apache.arrow.flight.auth2.CallHeaderAuthenticator.AuthResult login(String user, String password) {
    check(user, password);
    return () -> user;
  }

  private static void check(String user, String password) {
    if (!USER.equals(user) || !PASSWORD.equals(password)) {
      throw CallStatus.UNAUTHENTICATED.withDescription("wrong user or password").toRuntimeException();
    }
  }

  /** The older handshake: its token travels in the header auth-token-bin. */
  private static final class HandshakeTokens implements BasicServerAuthHandler.BasicAuthValidator {
    private static final String PREFIX = "token of ";

    @Override
    public byte[] getToken(String user, String password) {
      check(user, password);
      return (PREFIX + user).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Optional<String> isValid(byte[] token) {
      return new String(token, StandardCharsets.UTF_8).equals(PREFIX + USER) ? Optional.of(USER) : Optional.empty();
    }
  }
}
