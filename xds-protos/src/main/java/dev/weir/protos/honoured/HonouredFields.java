package dev.weir.protos.honoured;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which fields of which messages the sidecar honours: {@code honoured-fields.yaml} beside this
 * class, the one place that says so.
 */
public final class HonouredFields {
  private static final String FILE = "honoured-fields.yaml";

  private final Map<String, Fields> byMessage;

  private HonouredFields(Map<String, Fields> byMessage) {
    this.byMessage = Collections.unmodifiableMap(byMessage);
  }

  /**
   * The fields of one message.
   *
   * @param honoured do what Envoy's documentation says
   * @param accepted are ignored; the value is why that is harmless
   */
  public record Fields(Set<String> honoured, Map<String, String> accepted) {
    boolean covers(String field) {
      return honoured.contains(field) || accepted.containsKey(field);
    }
  }

  /** Read once, when they are first asked for. */
  private static final class Shipped {
    static final HonouredFields FIELDS =
        new HonouredFields(HonouredFieldsReader.read(FILE, text()));
  }

  /** Those of this version. Any thread. */
  public static HonouredFields load() {
    return Shipped.FIELDS;
  }

  private static String text() {
    try (InputStream in =
        Objects.requireNonNull(HonouredFields.class.getResourceAsStream(FILE), FILE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Empty if the message itself is not honoured. */
  public Optional<Fields> of(String messageName) {
    return Optional.ofNullable(byMessage.get(messageName));
  }

  /** The full names of the messages, in the order of the file. */
  public Set<String> messages() {
    return byMessage.keySet();
  }

  /** In the order of the file. */
  Map<String, Fields> byMessage() {
    return byMessage;
  }
}
