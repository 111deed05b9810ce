package dev.weir.protos.convert;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.protos.FieldPath;
import dev.weir.protos.TypeRegistry;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.Locale;
import java.util.Optional;

/** The messages of {@code google.protobuf} that have a form of their own in JSON. */
final class WellKnownReader {
  private final ProtoReader reader;
  private final Problems problems;

  WellKnownReader(ProtoReader reader, Problems problems) {
    this.reader = reader;
    this.problems = problems;
  }

  /** False if {@code builder}'s type has no form of its own. */
  boolean read(YamlNode node, Message.Builder builder, FieldPath path) {
    switch (builder.getDescriptorForType().getFullName()) {
      case "google.protobuf.Any" -> any(node, builder, path);
      case "google.protobuf.Struct" -> builder.mergeFrom(struct(node, path));
      case "google.protobuf.Value" -> builder.mergeFrom(value(node, path));
      case "google.protobuf.ListValue" -> builder.mergeFrom(list(node, path));
      case "google.protobuf.Duration" -> {
        // As Envoy's parser, which takes a map of its fields too.
        if (node instanceof Mapping) {
          reader.fields(node, builder, path);
        } else {
          text(node, path, text -> builder.mergeFrom(Times.duration(text)));
        }
      }
      case "google.protobuf.Timestamp" ->
          text(node, path, text -> builder.mergeFrom(Times.timestamp(text)));
      case "google.protobuf.FieldMask" -> text(node, path, text -> fieldMask(text, builder));
      default -> {
        return isWrapper(builder) && wrapper(node, builder, path);
      }
    }
    return true;
  }

  static boolean isWrapper(Message.Builder builder) {
    String name = builder.getDescriptorForType().getFullName();
    return name.startsWith("google.protobuf.")
        && name.endsWith("Value")
        && builder.getDescriptorForType().getFile().getName().endsWith("/wrappers.proto");
  }

  private boolean wrapper(YamlNode node, Message.Builder builder, FieldPath path) {
    FieldDescriptor field = builder.getDescriptorForType().findFieldByNumber(1);
    if (node instanceof Scalar scalar) {
      try {
        builder.setField(field, Scalars.read(field, scalar));
      } catch (NotA e) {
        problems.add(node.at(), path, "found " + node.describe() + ", expected " + e.expected());
      }
    } else {
      problems.add(
          node.at(), path, "expected " + Scalars.expected(field) + ", found " + node.describe());
    }
    return true;
  }

  private interface FromText {
    void read(String text) throws NotA;
  }

  private void text(YamlNode node, FieldPath path, FromText fromText) {
    try {
      fromText.read(node instanceof Scalar scalar ? scalar.text() : "");
    } catch (NotA e) {
      problems.add(node.at(), path, "found " + node.describe() + ", expected " + e.expected());
    }
  }

  /** {@code fooBar,baz.qux} or {@code foo_bar,baz.qux}. */
  private static void fieldMask(String text, Message.Builder builder) throws NotA {
    if (!text.matches("[A-Za-z0-9_.,]*")) {
      throw new NotA("field names, separated by commas");
    }
    FieldDescriptor paths = builder.getDescriptorForType().findFieldByNumber(1);
    for (String path : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      builder.addRepeatedField(paths, path.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT));
    }
  }

  private void any(YamlNode node, Message.Builder builder, FieldPath path) {
    if (!(node instanceof Mapping mapping)) {
      problems.add(node.at(), path, "expected a map with \"@type\", found " + node.describe());
      return;
    }
    if (mapping.entries().isEmpty()) {
      return;
    }
    FieldPath typePath = path.field("@type");
    if (!(mapping.get("@type").orElse(null) instanceof Scalar type)) {
      problems.add(
          node.at(),
          typePath,
          "is missing; write the type, as in " + TypeRegistry.PREFIX + "envoy...");
      return;
    }
    Optional<Message> prototype = TypeRegistry.prototype(type.text());
    if (type.text().indexOf('/') < 0 || prototype.isEmpty()) {
      problems.add(type.at(), typePath, unknown(type.text()));
      return;
    }
    Message.Builder content = prototype.get().newBuilderForType();
    Mapping rest = mapping.without("@type");
    if (hasOwnForm(content)) {
      YamlNode value = rest.get("value").orElse(rest);
      reader.message(value, content, path.field("value"));
    } else {
      reader.fields(rest, content, path);
    }
    builder.mergeFrom(
        Any.newBuilder()
            .setTypeUrl(type.text())
            .setValue(content.buildPartial().toByteString())
            .build());
  }

  private static String unknown(String typeUrl) {
    return "unknown type \""
        + typeUrl
        + "\"; "
        + (typeUrl.startsWith(TypeRegistry.PREFIX)
            ? TypeRegistry.nameOf(typeUrl) + " is no message that is known here"
            : "it must be " + TypeRegistry.PREFIX + "<message>");
  }

  static boolean hasOwnForm(Message.Builder builder) {
    return switch (builder.getDescriptorForType().getFullName()) {
      case "google.protobuf.Any",
          "google.protobuf.Struct",
          "google.protobuf.Value",
          "google.protobuf.ListValue",
          "google.protobuf.Duration",
          "google.protobuf.Timestamp",
          "google.protobuf.FieldMask" ->
          true;
      default -> isWrapper(builder);
    };
  }

  private Struct struct(YamlNode node, FieldPath path) {
    Struct.Builder struct = Struct.newBuilder();
    if (node instanceof Mapping mapping) {
      for (Entry entry : mapping.entries()) {
        struct.putFields(entry.key(), value(entry.value(), path.key(entry.key())));
      }
    } else {
      problems.add(node.at(), path, "expected a map, found " + node.describe());
    }
    return struct.build();
  }

  private ListValue list(YamlNode node, FieldPath path) {
    ListValue.Builder list = ListValue.newBuilder();
    if (node instanceof Sequence sequence) {
      for (int i = 0; i < sequence.items().size(); i++) {
        list.addValues(value(sequence.items().get(i), path.index(i)));
      }
    } else {
      problems.add(node.at(), path, "expected a list, found " + node.describe());
    }
    return list.build();
  }

  private Value value(YamlNode node, FieldPath path) {
    Value.Builder value = Value.newBuilder();
    return switch (node) {
      case Mapping _ -> value.setStructValue(struct(node, path)).build();
      case Sequence _ -> value.setListValue(list(node, path)).build();
      case Scalar scalar ->
          switch (scalar.kind()) {
            case NULL -> value.setNullValue(NullValue.NULL_VALUE).build();
            case BOOLEAN -> value.setBoolValue(Boolean.parseBoolean(scalar.text())).build();
            case STRING -> value.setStringValue(scalar.text()).build();
            case INTEGER, FLOAT -> number(scalar, value, path);
          };
    };
  }

  private Value number(Scalar scalar, Value.Builder value, FieldPath path) {
    try {
      return value.setNumberValue(Scalars.floating(scalar)).build();
    } catch (NotA e) {
      problems.add(scalar.at(), path, "found " + scalar.describe() + ", expected " + e.expected());
      return value.build();
    }
  }
}
