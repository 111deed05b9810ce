package dev.weir.protos.convert;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import dev.weir.protos.Location;
import dev.weir.protos.TypeRegistry;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A message to a tree by proto3's JSON mapping, fields by their proto name and in the order of the
 * proto, what is not set left out. An Any that cannot be opened keeps its bytes as base64. {@link
 * ProtoReader} reads back the same message.
 */
public final class ProtoWriter {
  private static final Location NOWHERE = Location.of("");

  private ProtoWriter() {}

  public static YamlNode write(Message message) {
    return switch (message) {
      case Any any -> any(any);
      case Struct struct -> struct(struct);
      case Value value -> value(value);
      case ListValue list ->
          new Sequence(NOWHERE, list.getValuesList().stream().map(ProtoWriter::value).toList());
      case Duration duration -> string(Times.text(duration));
      case Timestamp timestamp -> string(Times.text(timestamp));
      case FieldMask mask -> string(String.join(",", mask.getPathsList()));
      default -> other(message);
    };
  }

  private static YamlNode other(Message message) {
    if (WellKnownReader.isWrapper(TypeRegistry.descriptor(message))) {
      FieldDescriptor field = message.getDescriptorForType().findFieldByNumber(1);
      return value(field, message.getField(field));
    }
    return new Mapping(NOWHERE, fields(message));
  }

  private static List<Entry> fields(Message message) {
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<FieldDescriptor, Object> set : message.getAllFields().entrySet()) {
      entries.add(entry(set.getKey().getName(), field(set.getKey(), set.getValue())));
    }
    return entries;
  }

  private static YamlNode field(FieldDescriptor field, Object value) {
    if (field.isMapField()) {
      FieldDescriptor keyField = field.getMessageType().findFieldByNumber(1);
      FieldDescriptor valueField = field.getMessageType().findFieldByNumber(2);
      List<Entry> entries = new ArrayList<>();
      for (Object item : (List<?>) value) {
        Message pair = (Message) item;
        entries.add(
            entry(
                pair.getField(keyField).toString(), value(valueField, pair.getField(valueField))));
      }
      return new Mapping(NOWHERE, entries);
    }
    if (field.isRepeated()) {
      return new Sequence(
          NOWHERE, ((List<?>) value).stream().map(item -> value(field, item)).toList());
    }
    return value(field, value);
  }

  private static YamlNode value(FieldDescriptor field, Object value) {
    return switch (field.getType()) {
      case MESSAGE, GROUP -> write((Message) value);
      case STRING -> string((String) value);
      case BYTES -> base64((ByteString) value);
      case BOOL -> new Scalar(NOWHERE, value.toString(), Kind.BOOLEAN);
      case ENUM -> string(((EnumValueDescriptor) value).getName());
      case DOUBLE -> number((Double) value);
      case FLOAT -> float_((Float) value);
      case INT32, SINT32, SFIXED32 -> new Scalar(NOWHERE, value.toString(), Kind.INTEGER);
      case UINT32, FIXED32 ->
          new Scalar(NOWHERE, Integer.toUnsignedString((Integer) value), Kind.INTEGER);
      case INT64, SINT64, SFIXED64 -> string(value.toString());
      case UINT64, FIXED64 -> string(Long.toUnsignedString((Long) value));
    };
  }

  private static YamlNode any(Any any) {
    if (any.getTypeUrl().isEmpty() && any.getValue().isEmpty()) {
      return new Mapping(NOWHERE, List.of());
    }
    List<Entry> entries = new ArrayList<>();
    entries.add(entry("@type", string(any.getTypeUrl())));
    Optional<Message> prototype = TypeRegistry.prototype(any.getTypeUrl());
    try {
      if (prototype.isEmpty()) {
        entries.add(entry("value", base64(any.getValue())));
      } else {
        Message content = prototype.get().getParserForType().parseFrom(any.getValue());
        if (WellKnownReader.hasOwnForm(TypeRegistry.descriptor(content))) {
          entries.add(entry("value", write(content)));
        } else {
          entries.addAll(fields(content));
        }
      }
    } catch (InvalidProtocolBufferException e) {
      entries.add(entry("value", base64(any.getValue())));
    }
    return new Mapping(NOWHERE, entries);
  }

  private static YamlNode struct(Struct struct) {
    List<Entry> entries = new ArrayList<>();
    struct.getFieldsMap().forEach((key, value) -> entries.add(entry(key, value(value))));
    return new Mapping(NOWHERE, entries);
  }

  private static YamlNode value(Value value) {
    return switch (value.getKindCase()) {
      case NULL_VALUE, KIND_NOT_SET -> new Scalar(NOWHERE, "null", Kind.NULL);
      case BOOL_VALUE -> new Scalar(NOWHERE, String.valueOf(value.getBoolValue()), Kind.BOOLEAN);
      case NUMBER_VALUE -> number(value.getNumberValue());
      case STRING_VALUE -> string(value.getStringValue());
      case STRUCT_VALUE -> struct(value.getStructValue());
      case LIST_VALUE -> write(value.getListValue());
    };
  }

  private static YamlNode number(double number) {
    if (!Double.isFinite(number)) {
      return string(Double.toString(number));
    }
    return number == Math.rint(number) && Math.abs(number) < 1e15 && !isNegativeZero(number)
        ? new Scalar(NOWHERE, Long.toString((long) number), Kind.INTEGER)
        : new Scalar(NOWHERE, Double.toString(number), Kind.FLOAT);
  }

  private static YamlNode float_(float number) {
    return Float.isFinite(number) && number != Math.rint(number)
        ? new Scalar(NOWHERE, Float.toString(number), Kind.FLOAT)
        : number(number);
  }

  private static boolean isNegativeZero(double number) {
    return number == 0 && 1 / number < 0;
  }

  private static YamlNode base64(ByteString bytes) {
    return string(Base64.getEncoder().encodeToString(bytes.toByteArray()));
  }

  private static Entry entry(String key, YamlNode value) {
    return new Entry(NOWHERE, key, value);
  }

  private static Scalar string(String text) {
    return new Scalar(NOWHERE, text, Kind.STRING);
  }
}
