package dev.weir.control.status;

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

  /** As it is written. */
  String status() {
    return holds ? "True" : "False";
  }
}
