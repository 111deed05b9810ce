package dev.weir.control.status;

import java.util.Map;

/**
 * One thing that holds of a resource, or not, as Kubernetes has it.
 *
 * @param type as {@code Accepted}
 * @param reason a word in CamelCase
 * @param message a sentence
 */
record Condition(String type, boolean holds, String reason, String message) {
  /** Longer messages are cut: others have to fit beside it. */
  private static final int LONGEST = 4096;

  Condition {
    if (message.length() > LONGEST) {
      message = message.substring(0, LONGEST - 3) + "...";
    }
  }

  /** The same, of a type that begins with {@code domain}. */
  Condition in(String domain) {
    return new Condition(domain + type, holds, reason, message);
  }

  /** The same with more to say, if it is not empty. */
  Condition and(String more) {
    return more.isEmpty() ? this : new Condition(type, holds, reason, message + "; " + more);
  }

  /** As it is written. */
  String status() {
    return holds ? "True" : "False";
  }

  /** Whether what is said of a resource says this, if in other words. */
  boolean isAs(Map<String, Object> said) {
    return status().equals(said.get("status")) && reason.equals(said.get("reason"));
  }
}
