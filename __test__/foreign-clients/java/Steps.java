/** What a program does with a server, step by step: a JSON line for each says what came of it. */
final class Steps {
  /** One step, and what it comes to. */
  interface Body {
    Object run() throws Exception;
  }

  private Steps() {}

  /** Takes a step; a sentence says what is to come of it. */
  static void step(String sentence, Body body) {
    String line;
    try {
      line = Json.of(Json.ordered("step", sentence, "ok", true, "result", body.run()));
    } catch (Exception error) {
      line = Json.of(Json.ordered("step", sentence, "ok", false, "error", described(error)));
    }
    System.out.println(line);
  }

  /** The error that a call must end with. */
  static String refusal(Body body) {
    Object result;
    try {
      result = body.run();
    } catch (Exception error) {
      return described(error);
    }
    throw new IllegalStateException("it was not refused: " + Json.of(result));
  }

  private static String described(Exception error) {
    return error.getClass().getSimpleName() + ": " + error.getMessage();
  }
}
