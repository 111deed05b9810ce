package dev.weir.sidecar.up;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Who a Strict policy would refuse, as a member's page {@code /plaintext} has it. */
final class PlainCallers {
  /** Calls from outside of the mesh have this address. */
  private static final String BRIDGE = "10.88.0.1";

  private PlainCallers() {}

  /**
   * A line for each.
   *
   * @param services by the addresses of their instances
   */
  static List<String> lines(String member, String json, Map<String, String> services, Instant now)
      throws IOException {
    List<String> lines = new ArrayList<>();
    try {
      // JSON is YAML.
      if (new Load(LoadSettings.builder().build()).loadFromString(json) instanceof Map<?, ?> page
          && page.get("callers") instanceof List<?> callers) {
        for (Object caller : callers) {
          if (caller instanceof Map<?, ?> fields) {
            lines.add(member + ": " + line(fields, services, now));
          }
        }
      }
    } catch (YamlEngineException | DateTimeParseException e) {
      throw new IOException("/plaintext of " + member + " is not as it is to be", e);
    }
    return lines;
  }

  private static String line(Map<?, ?> caller, Map<String, String> services, Instant now) {
    Object connections = caller.get("connections");
    return "plain text at port %s from %s, %s connection%s, the last %s ago: refused under Strict"
        .formatted(
            caller.get("port"),
            who(caller.get("address"), services),
            connections,
            Integer.valueOf(1).equals(connections) ? "" : "s",
            ago(Duration.between(Instant.parse(String.valueOf(caller.get("last"))), now)));
  }

  private static String who(@Nullable Object address, Map<String, String> services) {
    if (address == null) {
      return "others";
    }
    String text = String.valueOf(address);
    String service = services.get(text);
    if (service == null && text.equals(BRIDGE)) {
      return text + " (outside of the mesh)";
    }
    return service == null ? text : text + " (" + service + ")";
  }

  private static String ago(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 120) {
      return seconds + " s";
    }
    return seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
  }
}
