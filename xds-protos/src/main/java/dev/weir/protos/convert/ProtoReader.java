package dev.weir.protos.convert;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Nearest;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tree to a message by proto3's JSON mapping, as Envoy reads it: fields by their proto or JSON
 * name, {@code null} for unset, Any with {@code @type}. Goes on after a problem, so that one run
 * shows all of them.
 */
public final class ProtoReader {
  private final Problems problems = new Problems();
  private final WellKnownReader wellKnown = new WellKnownReader(this, problems);

  private ProtoReader() {}

  public static <T extends Message> Converted<T> read(YamlNode node, T prototype) {
    return read(node, prototype, FieldPath.ROOT);
  }

  /** {@code path} is where {@code node} stands. */
  @SuppressWarnings("unchecked") // A builder of T builds a T.
  public static <T extends Message> Converted<T> read(YamlNode node, T prototype, FieldPath path) {
    ProtoReader reader = new ProtoReader();
    Message.Builder builder = prototype.newBuilderForType();
    reader.message(node, builder, path);
    return new Converted<>((T) builder.buildPartial(), reader.problems.list());
  }

  /** Fills {@code builder}, by the special form of its type if there is one. */
  void message(YamlNode node, Message.Builder builder, FieldPath path) {
    if (!wellKnown.read(node, builder, path)) {
      fields(node, builder, path);
    }
  }

  /** Fills {@code builder} from a map of its fields. */
  void fields(YamlNode node, Message.Builder builder, FieldPath path) {
    if (!(node instanceof Mapping mapping)) {
      problems.add(node.at(), path, "expected a map, found " + node.describe());
      return;
    }
    Descriptor type = builder.getDescriptorForType();
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
  }

  /** {@code chosen} holds what of each oneof was set before. */
  private void set(
      Message.Builder builder,
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

  private void set(Message.Builder builder, FieldDescriptor field, YamlNode node, FieldPath path) {
    if (field.isMapField()) {
      map(builder, field, node, path);
    } else if (field.isRepeated()) {
      list(builder, field, node, path);
    } else {
      Object value = value(builder, field, node, path);
      if (value != null) {
        builder.setField(field, value);
      }
    }
  }

  private void list(Message.Builder builder, FieldDescriptor field, YamlNode node, FieldPath path) {
    // As Envoy's parser: what stands without brackets is a list of one.
    List<YamlNode> items = node instanceof Sequence sequence ? sequence.items() : List.of(node);
    for (int i = 0; i < items.size(); i++) {
      Object value = value(builder, field, items.get(i), path.index(i));
      if (value != null) {
        builder.addRepeatedField(field, value);
      }
    }
  }

  private void map(Message.Builder builder, FieldDescriptor field, YamlNode node, FieldPath path) {
    if (!(node instanceof Mapping mapping)) {
      problems.add(node.at(), path, "expected a map, found " + node.describe());
      return;
    }
    FieldDescriptor keyField = field.getMessageType().findFieldByNumber(1);
    FieldDescriptor valueField = field.getMessageType().findFieldByNumber(2);
    for (Entry entry : mapping.entries()) {
      Message.Builder pair = builder.newBuilderForField(field);
      FieldPath at = path.key(entry.key());
      // A key's text says a number or a boolean whether it is quoted, as in JSON, or not.
      Kind kind = keyField.getType() == FieldDescriptor.Type.BOOL ? Kind.BOOLEAN : Kind.STRING;
      Object key = scalar(keyField, new Scalar(entry.at(), entry.key(), kind), at);
      Object value = value(pair, valueField, entry.value(), at);
      if (key != null && value != null) {
        builder.addRepeatedField(
            field, pair.setField(keyField, key).setField(valueField, value).build());
      }
    }
  }

  /** What the field holds, or null after a problem. */
  private @Nullable Object value(
      Message.Builder builder, FieldDescriptor field, YamlNode node, FieldPath path) {
    if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      Message.Builder value = builder.newBuilderForField(field);
      message(node, value, path);
      return value.buildPartial();
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
