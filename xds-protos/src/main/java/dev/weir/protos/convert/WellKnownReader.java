package dev.weir.protos.convert;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.FieldMask;
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
import org.jspecify.annotations.Nullable;

/** The messages of {@code google.protobuf} that have a form of their own in JSON. */
final class WellKnownReader {
  private final ProtoReader reader;
  private final Problems problems;

  WellKnownReader(ProtoReader reader, Problems problems) {
    this.reader = reader;
    this.problems = problems;
  }

  /** The bytes of the message, or null if {@code type} has no form of its own. */
  @Nullable ByteString read(YamlNode node, Descriptor type, FieldPath path) {
    return switch (type.getFullName()) {
      case "google.protobuf.Any" -> any(node, path);
      case "google.protobuf.Struct" -> struct(node, path).toByteString();
      case "google.protobuf.Value" -> value(node, path).toByteString();
      case "google.protobuf.ListValue" -> list(node, path).toByteString();
      // As Envoy's parser, which takes a map of its fields too.
      case "google.protobuf.Duration" ->
          node instanceof Mapping
              ? reader.fields(node, type, path)
              : text(node, path, Times::duration);
      case "google.protobuf.Timestamp" -> text(node, path, Times::timestamp);
      case "google.protobuf.FieldMask" -> text(node, path, WellKnownReader::fieldMask);
      default -> isWrapper(type) ? wrapper(node, type, path) : null;
    };
  }

  static boolean isWrapper(Descriptor type) {
    String name = type.getFullName();
    return name.startsWith("google.protobuf.")
        && name.endsWith("Value")
        && type.getFile().getName().endsWith("/wrappers.proto");
  }

  private ByteString wrapper(YamlNode node, Descriptor type, FieldPath path) {
    WireBuilder builder = new WireBuilder(type);
    FieldDescriptor field = type.findFieldByNumber(1);
    if (node instanceof Scalar scalar) {
      try {
        builder.set(field, Scalars.read(field, scalar));
      } catch (NotA e) {
        problems.add(node.at(), path, "found " + node.describe() + ", expected " + e.expected());
      }
    } else {
      problems.add(
          node.at(), path, "expected " + Scalars.expected(field) + ", found " + node.describe());
    }
    return builder.bytes();
  }

  private interface FromText {
    Message read(String text) throws NotA;
  }

  private ByteString text(YamlNode node, FieldPath path, FromText fromText) {
    try {
      return fromText.read(node instanceof Scalar scalar ? scalar.text() : "").toByteString();
    } catch (NotA e) {
      problems.add(node.at(), path, "found " + node.describe() + ", expected " + e.expected());
      return ByteString.EMPTY;
    }
  }

  /** {@code fooBar,baz.qux} or {@code foo_bar,baz.qux}. */
  private static FieldMask fieldMask(String text) throws NotA {
    if (!text.matches("[A-Za-z0-9_.,]*")) {
      throw new NotA("field names, separated by commas");
    }
    FieldMask.Builder mask = FieldMask.newBuilder();
    for (String path : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      mask.addPaths(path.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT));
    }
    return mask.build();
  }

  private ByteString any(YamlNode node, FieldPath path) {
    if (!(node instanceof Mapping mapping)) {
      problems.add(node.at(), path, "expected a map with \"@type\", found " + node.describe());
      return ByteString.EMPTY;
    }
    if (mapping.entries().isEmpty()) {
      return ByteString.EMPTY;
    }
    FieldPath typePath = path.field("@type");
    if (!(mapping.get("@type").orElse(null) instanceof Scalar type)) {
      problems.add(
          node.at(),
          typePath,
          "is missing; write the type, as in " + TypeRegistry.PREFIX + "envoy...");
      return ByteString.EMPTY;
    }
    Optional<Message> prototype = TypeRegistry.prototype(type.text());
    if (type.text().indexOf('/') < 0 || prototype.isEmpty()) {
      problems.add(type.at(), typePath, unknown(type.text()));
      return ByteString.EMPTY;
    }
    Descriptor content = TypeRegistry.descriptor(prototype.get());
    Mapping rest = mapping.without("@type");
    ByteString value =
        hasOwnForm(content)
            ? reader.message(rest.get("value").orElse(rest), content, path.field("value"))
            : reader.fields(rest, content, path);
    return Any.newBuilder().setTypeUrl(type.text()).setValue(value).build().toByteString();
  }

  private static String unknown(String typeUrl) {
    return "unknown type \""
        + typeUrl
        + "\"; "
        + (typeUrl.startsWith(TypeRegistry.PREFIX)
            ? TypeRegistry.nameOf(typeUrl) + " is no message that is known here"
            : "it must be " + TypeRegistry.PREFIX + "<message>");
  }

  static boolean hasOwnForm(Descriptor type) {
    return switch (type.getFullName()) {
      case "google.protobuf.Any",
          "google.protobuf.Struct",
          "google.protobuf.Value",
          "google.protobuf.ListValue",
          "google.protobuf.Duration",
          "google.protobuf.Timestamp",
          "google.protobuf.FieldMask" ->
          true;
      default -> isWrapper(type);
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
