package dev.weir.protos.honoured;

import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import dev.weir.protos.yaml.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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
    this.byMessage = byMessage;
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

  public static HonouredFields load() {
    try (InputStream in =
        Objects.requireNonNull(HonouredFields.class.getResourceAsStream(FILE), FILE)) {
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
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

  private static HonouredFields parse(String yaml) {
    YamlFile file = YamlReader.read(FILE, yaml);
    if (!file.problems().isEmpty()) {
      throw new IllegalStateException(file.problems().toString());
    }
    Map<String, Fields> byMessage = new LinkedHashMap<>();
    for (Entry message : ((Mapping) file.documents().getFirst()).entries()) {
      byMessage.put(message.key(), fields((Mapping) message.value()));
    }
    return new HonouredFields(byMessage);
  }

  private static Fields fields(Mapping message) {
    Set<String> honoured = new LinkedHashSet<>();
    Map<String, String> accepted = new LinkedHashMap<>();
    message
        .get("honoured")
        .ifPresent(list -> ((Sequence) list).items().forEach(item -> honoured.add(text(item))));
    message
        .get("accepted")
        .ifPresent(map ->
            ((Mapping) map)
                .entries()
                .forEach(entry -> accepted.put(entry.key(), text(entry.value()))));
    return new Fields(honoured, accepted);
  }

  private static String text(YamlNode node) {
    return ((Scalar) node).text();
  }
}
