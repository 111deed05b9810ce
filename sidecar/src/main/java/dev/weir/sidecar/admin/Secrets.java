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

  private static final Set<String> INLINE = Set.of("inline_string", "inline_bytes");

  private Secrets() {}

  static YamlNode redacted(YamlNode node) {
    return switch (node) {
      case Scalar scalar -> scalar;
      case Sequence(var at, var items) ->
          new Sequence(at, items.stream().map(Secrets::redacted).toList());
      case Mapping(var at, var entries) ->
          new Mapping(at, entries.stream().map(Secrets::redacted).toList());
    };
  }

  private static Entry redacted(Entry entry) {
    return new Entry(
        entry.at(),
        entry.key(),
        SENSITIVE.contains(entry.key()) ? hidden(entry.value()) : redacted(entry.value()));
  }

  /** Without what is inline. */
  private static YamlNode hidden(YamlNode node) {
    return switch (node) {
      case Scalar scalar -> scalar;
      case Sequence(var at, var items) ->
          new Sequence(at, items.stream().map(Secrets::hidden).toList());
      case Mapping(var at, var entries) ->
          new Mapping(at, entries.stream().map(Secrets::hidden).toList());
    };
  }

  private static Entry hidden(Entry entry) {
    return new Entry(
        entry.at(),
        entry.key(),
        INLINE.contains(entry.key())
            ? new Scalar(entry.at(), "[redacted]", Kind.STRING)
            : hidden(entry.value()));
  }
}
