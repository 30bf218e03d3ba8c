import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values as JSON has them. JavaScript reads integers up to 53 bits, and JSON has no bytes. */
final class Json {
  private static final long EXACT = 1L << 53;

  private Json() {}

  /** A map of names and values that follow one another. */
  static Map<String, Object> ordered(Object... entries) {
    Map<String, Object> map = new LinkedHashMap<>();
    Iterator<Object> rest = Arrays.asList(entries).iterator();
    while (rest.hasNext()) {
      map.put((String) rest.next(), rest.next());
    }
    return map;
  }

  static String of(Object value) {
    if (value == null || value instanceof Boolean || value instanceof Double || value instanceof Integer || value instanceof Short) {
      return String.valueOf(value);
    }
    if (value instanceof Long) {
      long number = (Long) value;
      return Math.abs(number) <= EXACT && number != Long.MIN_VALUE ? String.valueOf(number) : quoted(String.valueOf(number));
    }
    if (value instanceof byte[]) {
      StringBuilder hex = new StringBuilder("0x");
      for (byte each : (byte[]) value) {
        hex.append(String.format("%02x", each));
      }
      return quoted(hex.toString());
    }
    StringBuilder text = new StringBuilder();
    if (value instanceof List) {
      for (Object entry : (List<?>) value) {
        text.append(text.length() == 0 ? "" : ",").append(of(entry));
      }
      return "[" + text + "]";
    }
    if (value instanceof Map) {
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        text.append(text.length() == 0 ? "" : ",").append(quoted((String) entry.getKey())).append(":").append(of(entry.getValue()));
      }
      return "{" + text + "}";
    }
    return quoted(value.toString());
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char each : text.toCharArray()) {
      boolean isPlain = each >= ' ' && each < 127 && each != '"' && each != '\\';
      quoted.append(isPlain ? String.valueOf(each) : String.format("\\u%04x", (int) each));
    }
    return quoted.append('"').toString();
  }
}
