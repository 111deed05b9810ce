package dev.weir.sidecar.member;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When an app that ended is started again.
 *
 * @param when of which ends
 * @param most times in a row
 */
public record RestartPolicy(When when, int most) {
  public static final RestartPolicy NO = new RestartPolicy(When.NEVER, 0);

  private static final Pattern FORM =
      Pattern.compile("(no|on-failure|always|unless-stopped)(?::([0-9]{1,6}))?");

  /** After which ends. */
  public enum When {
    NEVER,
    ON_FAILURE,
    ALWAYS
  }

  /**
   * As {@code --restart} has it; what is stopped by hand is not started again anyway.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static RestartPolicy parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches() || form.group(2) != null && !form.group(1).equals("on-failure")) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\" is not one of no, on-failure, on-failure:TIMES, always and unless-stopped");
    }
    int most = form.group(2) == null ? Integer.MAX_VALUE : Integer.parseInt(form.group(2));
    return switch (form.group(1)) {
      case "no" -> NO;
      case "always", "unless-stopped" -> new RestartPolicy(When.ALWAYS, most);
      default -> new RestartPolicy(When.ON_FAILURE, most);
    };
  }

  /**
   * @param times how often it was started again, in a row
   */
  boolean again(int status, int times) {
    boolean wanted =
        switch (when) {
          case NEVER -> false;
          case ON_FAILURE -> status != 0;
          case ALWAYS -> true;
        };
    return wanted && times < most;
  }

  @Override
  public String toString() {
    return switch (when) {
      case NEVER -> "no";
      case ALWAYS -> "always";
      case ON_FAILURE -> most == Integer.MAX_VALUE ? "on-failure" : "on-failure:" + most;
    };
  }
}
