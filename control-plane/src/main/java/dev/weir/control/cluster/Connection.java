package dev.weir.control.cluster;

import dev.weir.control.json.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A proxy's stream to a control plane, as that one's page {@code /proxies} tells it.
 *
 * @param node the proxy's id; of a pod {@code POD.NAMESPACE}
 * @param controlPlane the name of its pod
 * @param types by the type of resource
 * @param notEnforced what the proxy cannot take, a line each
 */
public record Connection(
    String node,
    String controlPlane,
    String service,
    boolean inSync,
    SortedMap<String, TypeState> types,
    List<String> notEnforced) {
  private static final int VERSION_LETTERS = 8;

  public Connection {
    notEnforced = List.copyOf(notEnforced);
  }

  /**
   * How far one type of resource is.
   *
   * @param state in the page's words
   * @param refusal empty, or why the proxy does not take it: the resource, the field, the reason
   * @param since when it refused
   * @param followsFrom what people wrote that the refused follows from
   */
  public record TypeState(
      String state,
      String target,
      String acked,
      String refusal,
      String since,
      List<String> followsFrom) {
    private static final String IN_FORCE = "in force";

    public TypeState {
      followsFrom = List.copyOf(followsFrom);
    }

    public boolean inForce() {
      return state.equals(IN_FORCE);
    }
  }

  /**
   * All that a page tells.
   *
   * @throws IOException it is no such page
   */
  public static List<Connection> of(String controlPlane, String page) throws IOException {
    if (!(JsonText.read(page) instanceof List<?> proxies)) {
      throw new IOException("/proxies of " + controlPlane + " is no list");
    }
    List<Connection> all = new ArrayList<>();
    for (Object proxy : proxies) {
      if (proxy instanceof Map<?, ?> fields) {
        SortedMap<String, TypeState> types = new TreeMap<>();
        if (fields.get("types") instanceof Map<?, ?> states) {
          states.forEach((type, state) -> types.put(String.valueOf(type), state(state)));
        }
        all.add(
            new Connection(
                text(fields, "node"),
                controlPlane,
                text(fields, "service"),
                Boolean.TRUE.equals(fields.get("inSync")),
                types,
                texts(fields.get("notEnforced"))));
      }
    }
    return all;
  }

  private static TypeState state(Object state) {
    Map<?, ?> fields = state instanceof Map<?, ?> map ? map : Map.of();
    Map<?, ?> refused = fields.get("nacked") instanceof Map<?, ?> map ? map : Map.of();
    return new TypeState(
        text(fields, "state"),
        text(fields, "target"),
        text(fields, "acked"),
        text(refused, "reason"),
        text(refused, "at"),
        texts(refused.get("followsFrom")));
  }

  private static String text(Map<?, ?> fields, String name) {
    Object value = fields.get(name);
    return value == null ? "" : value.toString();
  }

  private static List<String> texts(@Nullable Object value) {
    return value instanceof List<?> items
        ? items.stream().map(String::valueOf).toList()
        : List.of();
  }

  /** Of all that it has accepted: proxies with the same one have the same. */
  public String version() {
    StringBuilder versions = new StringBuilder();
    types.forEach((type, state) -> versions.append(type).append(state.acked).append('\n'));
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(versions.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, VERSION_LETTERS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each JDK has it
    }
  }
}
