package dev.weir.sidecar.profile;

import java.util.Comparator;
import java.util.Map;

/** All platform threads and where they are, by name. */
public final class Threads {
  private Threads() {}

  /** One look, for which all of them stand still for some milliseconds. */
  public static String text() {
    StringBuilder out = new StringBuilder();
    Thread.getAllStackTraces().entrySet().stream()
        .sorted(Map.Entry.comparingByKey(Comparator.comparing(Thread::getName)))
        .forEach(each -> append(each.getKey(), each.getValue(), out));
    return out.append("Virtual threads are not listed.\n").toString();
  }

  private static void append(Thread thread, StackTraceElement[] stack, StringBuilder out) {
    out.append('"')
        .append(thread.getName())
        .append("\" #")
        .append(thread.threadId())
        .append(thread.isDaemon() ? " daemon " : " ")
        .append(thread.getState())
        .append('\n');
    for (StackTraceElement frame : stack) {
      out.append("    at ").append(frame).append('\n');
    }
    out.append('\n');
  }
}
