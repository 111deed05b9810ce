package dev.weir.sidecar.log;

/** An exception in one line. */
public final class Mistakes {
  private static final int FRAMES = 16;

  private Mistakes() {}

  /** What it is, the innermost frames first, and what caused it. */
  public static String describe(Throwable mistake) {
    StringBuilder line = new StringBuilder();
    Throwable each = mistake;
    for (int depth = 0; each != null && depth < 3; depth++, each = each.getCause()) {
      line.append(depth == 0 ? "" : "; caused by ").append(each).append(" at");
      StackTraceElement[] stack = each.getStackTrace();
      for (int i = 0; i < Math.min(FRAMES, stack.length); i++) {
        line.append(i == 0 ? " " : " < ").append(stack[i]);
      }
    }
    return line.toString().replace('\n', ' ').replace('\r', ' ');
  }
}
