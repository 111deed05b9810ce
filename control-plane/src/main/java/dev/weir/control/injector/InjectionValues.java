package dev.weir.control.injector;

import dev.weir.control.model.SpiffeId;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What the values of an {@link Injection} may be, wherever they come from. Each is handed back, or
 * refused by an IllegalArgumentException with what is wrong.
 */
public final class InjectionValues {
  /** As registries take it: a host, a path, a tag, a digest. */
  private static final Pattern IMAGE =
      Pattern.compile("[A-Za-z0-9]+([A-Za-z0-9._/:@-]*[A-Za-z0-9_]+)?");

  private static final Pattern ADDRESS =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:([1-9][0-9]{0,4})");
  private static final int LAST_PORT = 65535;

  private static final Pattern QUANTITY =
      Pattern.compile("[0-9]{1,12}(\\.[0-9]{1,12})?(m|k|M|G|T|Ki|Mi|Gi|Ti)?");

  private static final List<String> PULL_POLICIES = List.of("Always", "IfNotPresent", "Never");
  private static final List<String> PROFILES = List.of("default", "edge");
  private static final List<String> LOG_FORMATS = List.of("text", "json");

  /** The sidecar's, but for {@code off}, which YAML 1.1 reads as false. */
  private static final List<String> LOG_LEVELS =
      List.of("trace", "debug", "info", "warning", "error", "critical");

  private InjectionValues() {}

  public static String image(String text) {
    if (!IMAGE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          quoted(text) + " is no image, as registry.example/weir-sidecar:0.1.0");
    }
    return text;
  }

  public static String pullPolicy(String text) {
    return oneOf(PULL_POLICIES, text);
  }

  public static String profile(String text) {
    return oneOf(PROFILES, text);
  }

  static String logFormat(String text) {
    return oneOf(LOG_FORMATS, text);
  }

  static String logLevel(String text) {
    return oneOf(LOG_LEVELS, text);
  }

  public static String controlPlane(String text) {
    var address = ADDRESS.matcher(text);
    if (!address.matches() || Integer.parseInt(address.group(2)) > LAST_PORT) {
      throw new IllegalArgumentException(
          quoted(text) + " is no name and port, as weir-control-plane.weir-system.svc:15012");
    }
    return text;
  }

  public static String trustDomain(String text) {
    return SpiffeId.ownTrustDomain(text);
  }

  static String quantity(String text) {
    if (!QUANTITY.matcher(text).matches()) {
      throw new IllegalArgumentException(quoted(text) + " is no quantity, as 100m or 160Mi");
    }
    return text;
  }

  /** Whether one quantity is more than another. */
  static boolean isMore(String one, String other) {
    return Quantity.getAmountInBytes(new Quantity(one))
            .compareTo(Quantity.getAmountInBytes(new Quantity(other)))
        > 0;
  }

  private static String oneOf(List<String> words, String text) {
    if (!words.contains(text)) {
      throw new IllegalArgumentException(
          quoted(text) + " is not one of " + String.join(", ", words));
    }
    return text;
  }

  private static String quoted(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return "\"" + (line.length() <= 60 ? line : line.substring(0, 60) + "...") + "\"";
  }
}
