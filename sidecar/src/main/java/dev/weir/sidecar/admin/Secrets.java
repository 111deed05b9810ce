package dev.weir.sidecar.admin;

import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.Set;

/** Takes what must not be seen out of configuration that is shown, and says so in its place. */
final class Secrets {
  /** Fields of messages of Envoy's that are marked as sensitive, or that have such a one. */
  private static final Set<String> SENSITIVE =
      Set.of("private_key", "password", "pkcs12", "session_ticket_keys");

  /** Lists of header fields that go with requests of the sidecar's own, tokens among them. */
  private static final Set<String> OWN_FIELDS = Set.of("initial_metadata");

  /** The same where they are a part of {@link #SERVICE}: those of routes are shown. */
  private static final Set<String> FIELDS_OF_SERVICE =
      Set.of("request_headers_to_add", "headers_to_add");

  private static final String SERVICE = "http_service";

  private static final Set<String> VALUES = Set.of("value", "raw_value");

  private static final Set<String> INLINE = Set.of("inline_string", "inline_bytes");

  private Secrets() {}

  static YamlNode redacted(YamlNode node) {
    return redacted(node, false);
  }

  /**
   * @param ofService it is a part of {@link #SERVICE}
   */
  private static YamlNode redacted(YamlNode node, boolean ofService) {
    return switch (node) {
      case Scalar scalar -> scalar;
      case Sequence(var at, var items) ->
          new Sequence(at, items.stream().map(item -> redacted(item, ofService)).toList());
      case Mapping(var at, var entries) ->
          new Mapping(at, entries.stream().map(entry -> redacted(entry, ofService)).toList());
    };
  }

  private static Entry redacted(Entry entry, boolean ofService) {
    String key = entry.key();
    YamlNode value = entry.value();
    YamlNode shown =
        SENSITIVE.contains(key)
            ? hidden(value, INLINE)
            : OWN_FIELDS.contains(key) || ofService && FIELDS_OF_SERVICE.contains(key)
                ? hidden(value, VALUES)
                : redacted(value, ofService || key.equals(SERVICE));
    return new Entry(entry.at(), key, shown);
  }

  /** Without the values of {@code keys}. */
  private static YamlNode hidden(YamlNode node, Set<String> keys) {
    return switch (node) {
      case Scalar scalar -> scalar;
      case Sequence(var at, var items) ->
          new Sequence(at, items.stream().map(item -> hidden(item, keys)).toList());
      case Mapping(var at, var entries) ->
          new Mapping(at, entries.stream().map(entry -> hidden(entry, keys)).toList());
    };
  }

  private static Entry hidden(Entry entry, Set<String> keys) {
    return new Entry(
        entry.at(),
        entry.key(),
        keys.contains(entry.key())
            ? new Scalar(entry.at(), "[redacted]", Kind.STRING)
            : hidden(entry.value(), keys));
  }
}
