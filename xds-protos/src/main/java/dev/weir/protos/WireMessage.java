package dev.weir.protos;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A message to be looked at by its descriptor: its bytes, of which one level is read at a time.
 * Asked the same, a message of a generated class would find the accessors of all of its fields by
 * reflection first, hundreds of methods a class. One thread.
 */
public final class WireMessage {
  private final Descriptor type;
  private final ByteString bytes;

  /** Messages in it are their bytes: what is looked at and passed by is not kept. */
  private @Nullable Map<FieldDescriptor, Object> fields;

  private boolean unknown;

  /**
   * @param bytes as protobuf writes them: each field once, in their order
   */
  private WireMessage(Descriptor type, ByteString bytes) {
    this.type = type;
    this.bytes = bytes;
  }

  public static WireMessage of(Message message) {
    return new WireMessage(TypeRegistry.descriptor(message), message.toByteString());
  }

  public Descriptor type() {
    return type;
  }

  /** An Any, which it is. */
  public Any any() {
    try {
      return Any.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw written(e);
    }
  }

  public boolean isAny() {
    return type.equals(Any.getDescriptor());
  }

  /** Whether it has fields that its type does not know. */
  public boolean hasUnknownFields() {
    Map<FieldDescriptor, Object> _ = fields();
    return unknown;
  }

  public boolean has(FieldDescriptor field) {
    return fields().containsKey(field);
  }

  public boolean has(OneofDescriptor oneof) {
    return oneof.getFields().stream().anyMatch(this::has);
  }

  /**
   * What the field, which is not repeated, holds, else its default: a {@code WireMessage}, an
   * {@link com.google.protobuf.Descriptors.EnumValueDescriptor}, or as a generated class has it.
   */
  public Object get(FieldDescriptor field) {
    Object value = fields().get(field);
    if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      return new WireMessage(
          field.getMessageType(), value == null ? ByteString.EMPTY : (ByteString) value);
    }
    return value == null ? field.getDefaultValue() : value;
  }

  /** What the field, which is repeated, holds; of a map the entries, which are messages. */
  public List<?> list(FieldDescriptor field) {
    if (!(fields().get(field) instanceof List<?> list)) {
      return List.of();
    }
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
        ? new Messages(field.getMessageType(), list)
        : Collections.unmodifiableList(list);
  }

  private static final class Messages extends AbstractList<WireMessage> {
    private final Descriptor type;
    private final List<?> bytes;

    Messages(Descriptor type, List<?> bytes) {
      this.type = type;
      this.bytes = bytes;
    }

    @Override
    public WireMessage get(int index) {
      return new WireMessage(type, (ByteString) bytes.get(index));
    }

    @Override
    public int size() {
      return bytes.size();
    }
  }

  /** The fields that are set, in their order. */
  public Set<FieldDescriptor> set() {
    return Collections.unmodifiableSet(fields().keySet());
  }

  private Map<FieldDescriptor, Object> fields() {
    Map<FieldDescriptor, Object> known = fields;
    if (known == null) {
      try {
        known = read();
      } catch (IOException e) {
        throw written(e);
      }
      fields = known;
    }
    return known;
  }

  private Map<FieldDescriptor, Object> read() throws IOException {
    Map<FieldDescriptor, Object> read = new LinkedHashMap<>();
    CodedInputStream in = bytes.newCodedInput();
    in.enableAliasing(true);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      int form = WireFormat.getTagWireType(tag);
      if (field != null && form == field.getLiteType().getWireType()) {
        Object value = value(in, field);
        if (field.isRepeated()) {
          items(read, field).add(value);
        } else {
          read.put(field, value);
        }
      } else if (field != null
          && field.isPackable()
          && form == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        List<Object> items = items(read, field);
        int limit = in.pushLimit(in.readRawVarint32());
        while (in.getBytesUntilLimit() > 0) {
          items.add(value(in, field));
        }
        in.popLimit(limit);
      } else {
        unknown = true;
        in.skipField(tag);
      }
    }
    return read;
  }

  @SuppressWarnings("unchecked") // Nothing else is put there for a repeated field.
  private static List<Object> items(Map<FieldDescriptor, Object> read, FieldDescriptor field) {
    return (List<Object>) read.computeIfAbsent(field, _ -> new ArrayList<>());
  }

  private static Object value(CodedInputStream in, FieldDescriptor field) throws IOException {
    return switch (field.getType()) {
      case STRING -> in.readString();
      case BYTES, MESSAGE -> in.readBytes();
      case BOOL -> in.readBool();
      case ENUM -> field.getEnumType().findValueByNumberCreatingIfUnknown(in.readEnum());
      case INT32 -> in.readInt32();
      case UINT32 -> in.readUInt32();
      case SINT32 -> in.readSInt32();
      case FIXED32 -> in.readFixed32();
      case SFIXED32 -> in.readSFixed32();
      case INT64 -> in.readInt64();
      case UINT64 -> in.readUInt64();
      case SINT64 -> in.readSInt64();
      case FIXED64 -> in.readFixed64();
      case SFIXED64 -> in.readSFixed64();
      case FLOAT -> in.readFloat();
      case DOUBLE -> in.readDouble();
      case GROUP -> throw new IllegalStateException(field + " is a group");
    };
  }

  private static IllegalStateException written(IOException e) {
    return new IllegalStateException("what protobuf has written", e);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WireMessage message
        && message.type.equals(type)
        && message.bytes.equals(bytes);
  }

  @Override
  public int hashCode() {
    return bytes.hashCode();
  }

  @Override
  public String toString() {
    return type.getFullName() + fields().keySet();
  }
}
