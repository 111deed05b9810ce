package dev.weir.protos.convert;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Nearest;
import dev.weir.protos.TypeRegistry;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tree to a message by proto3's JSON mapping, as Envoy reads it: fields by their proto or JSON
 * name, {@code null} for unset, Any with {@code @type}. Goes on after a problem, so that one run
 * shows all of them.
 */
public final class ProtoReader {
  /** Above what YAML of the allowed depth makes: a level of a Struct is three messages. */
  private static final int MAX_DEPTH = 1000;

  private final Problems problems = new Problems();
  private final WellKnownReader wellKnown = new WellKnownReader(this, problems);

  private ProtoReader() {}

  public static <T extends Message> Converted<T> read(YamlNode node, T prototype) {
    return read(node, prototype, FieldPath.ROOT);
  }

  /** {@code path} is where {@code node} stands. */
  public static <T extends Message> Converted<T> read(YamlNode node, T prototype, FieldPath path) {
    ProtoReader reader = new ProtoReader();
    ByteString bytes = reader.message(node, TypeRegistry.descriptor(prototype), path);
    return new Converted<>(parse(bytes, prototype), reader.problems.list());
  }

  /**
   * By way of its bytes: a builder of a generated class that is filled by descriptors finds the
   * accessors of all fields by reflection first, hundreds of methods a class.
   */
  @SuppressWarnings("unchecked") // A parser of T parses a T.
  private static <T extends Message> T parse(ByteString bytes, T prototype) {
    CodedInputStream input = bytes.newCodedInput();
    input.setRecursionLimit(MAX_DEPTH);
    try {
      return (T)
          prototype
              .getParserForType()
              .parsePartialFrom(input, ExtensionRegistryLite.getEmptyRegistry());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("what has just been written", e);
    }
  }

  /** The bytes of a message, by the special form of its type if there is one. */
  ByteString message(YamlNode node, Descriptor type, FieldPath path) {
    ByteString known = wellKnown.read(node, type, path);
    return known == null ? fields(node, type, path) : known;
  }

  /** The bytes of a message from a map of its fields. */
  ByteString fields(YamlNode node, Descriptor type, FieldPath path) {
    if (!(node instanceof Mapping mapping)) {
      problems.add(node.at(), path, "expected a map, found " + node.describe());
      return ByteString.EMPTY;
    }
    WireBuilder builder = new WireBuilder(type);
    BitSet seen = new BitSet(type.getFields().size());
    Map<OneofDescriptor, Entry> chosen = HashMap.newHashMap(2);
    for (Entry entry : mapping.entries()) {
      FieldDescriptor field = field(type, entry.key());
      if (field == null) {
        problems.add(entry.at(), path.field(entry.key()), unknown(type, entry.key()));
      } else if (seen.get(field.getIndex())) {
        problems.add(entry.at(), path.field(field.getName()), "is set twice, by both of its names");
      } else {
        seen.set(field.getIndex());
        if (!isUnset(field, entry.value())) {
          set(builder, field, entry, chosen, path.field(field.getName()));
        }
      }
    }
    return builder.bytes();
  }

  /** {@code chosen} holds what of each oneof was set before. */
  private void set(
      WireBuilder builder,
      FieldDescriptor field,
      Entry entry,
      Map<OneofDescriptor, Entry> chosen,
      FieldPath path) {
    OneofDescriptor oneof = field.getRealContainingOneof();
    Entry other = oneof == null ? null : chosen.putIfAbsent(oneof, entry);
    if (other != null) {
      String message = "only one of " + other.key() + " and " + entry.key() + " may be set";
      problems.add(entry.at(), path, message);
    } else {
      set(builder, field, entry.value(), path);
    }
  }

  private static @Nullable FieldDescriptor field(Descriptor type, String name) {
    FieldDescriptor field = type.findFieldByName(name);
    if (field != null) {
      return field;
    }
    for (FieldDescriptor candidate : type.getFields()) {
      if (candidate.getJsonName().equals(name)) {
        return candidate;
      }
    }
    return null;
  }

  private static String unknown(Descriptor type, String name) {
    return "unknown field of "
        + type.getName()
        + Nearest.hint(name, type.getFields().stream().map(FieldDescriptor::getName).toList());
  }

  private static boolean isUnset(FieldDescriptor field, YamlNode value) {
    return value instanceof Scalar scalar
        && scalar.kind() == Kind.NULL
        && !(field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
            && field.getMessageType().getFullName().equals("google.protobuf.Value"));
  }

  private void set(WireBuilder builder, FieldDescriptor field, YamlNode node, FieldPath path) {
    if (field.isMapField()) {
      map(builder, field, node, path);
    } else if (field.isRepeated()) {
      list(builder, field, node, path);
    } else {
      Object value = value(field, node, path);
      if (value != null) {
        builder.set(field, value);
      }
    }
  }

  private void list(WireBuilder builder, FieldDescriptor field, YamlNode node, FieldPath path) {
    // As Envoy's parser: what stands without brackets is a list of one.
    List<YamlNode> items = node instanceof Sequence sequence ? sequence.items() : List.of(node);
    for (int i = 0; i < items.size(); i++) {
      Object value = value(field, items.get(i), path.index(i));
      if (value != null) {
        builder.add(field, value);
      }
    }
  }

  private void map(WireBuilder builder, FieldDescriptor field, YamlNode node, FieldPath path) {
    if (!(node instanceof Mapping mapping)) {
      problems.add(node.at(), path, "expected a map, found " + node.describe());
      return;
    }
    FieldDescriptor keyField = field.getMessageType().findFieldByNumber(1);
    FieldDescriptor valueField = field.getMessageType().findFieldByNumber(2);
    // Of a key that is written in two ways the last value counts.
    Map<Object, ByteString> pairs = LinkedHashMap.newLinkedHashMap(mapping.entries().size());
    for (Entry entry : mapping.entries()) {
      FieldPath at = path.key(entry.key());
      // A key's text says a number or a boolean whether it is quoted, as in JSON, or not.
      Kind kind = keyField.getType() == FieldDescriptor.Type.BOOL ? Kind.BOOLEAN : Kind.STRING;
      Object key = scalar(keyField, new Scalar(entry.at(), entry.key(), kind), at);
      Object value = value(valueField, entry.value(), at);
      if (key != null && value != null) {
        WireBuilder pair = new WireBuilder(field.getMessageType());
        pair.set(keyField, key);
        pair.set(valueField, value);
        pairs.put(key, pair.bytes());
      }
    }
    pairs.values().forEach(pair -> builder.add(field, pair));
  }

  /** What the field holds, or null after a problem. */
  private @Nullable Object value(FieldDescriptor field, YamlNode node, FieldPath path) {
    if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      return message(node, field.getMessageType(), path);
    }
    if (node instanceof Scalar scalar) {
      return scalar(field, scalar, path);
    }
    problems.add(
        node.at(), path, "expected " + Scalars.expected(field) + ", found " + node.describe());
    return null;
  }

  private @Nullable Object scalar(FieldDescriptor field, Scalar scalar, FieldPath path) {
    try {
      return Scalars.read(field, scalar);
    } catch (NotA e) {
      problems.add(scalar.at(), path, "found " + scalar.describe() + ", expected " + e.expected());
      return null;
    }
  }
}
