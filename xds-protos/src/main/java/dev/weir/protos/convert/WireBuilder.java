package dev.weir.protos.convert;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The fields of a message to its bytes, as protobuf writes them. Messages in it are bytes already;
 * other values are as a generated class has them, enums as their descriptors.
 */
final class WireBuilder {
  private static final int BUFFER = 512;

  private final Descriptor type;
  private final Map<FieldDescriptor, Object> fields = new TreeMap<>();

  WireBuilder(Descriptor type) {
    this.type = type;
  }

  void set(FieldDescriptor field, Object value) {
    fields.put(field, value);
  }

  @SuppressWarnings("unchecked") // Nothing else is put there for a repeated field.
  void add(FieldDescriptor field, Object value) {
    ((List<Object>) fields.computeIfAbsent(field, _ -> new ArrayList<>())).add(value);
  }

  ByteString bytes() {
    ByteString.Output bytes = ByteString.newOutput();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes, BUFFER);
      for (Map.Entry<FieldDescriptor, Object> each : fields.entrySet()) {
        write(out, each.getKey(), each.getValue());
      }
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory takes all that is written", e);
    }
    return bytes.toByteString();
  }

  private void write(CodedOutputStream out, FieldDescriptor field, Object value)
      throws IOException {
    if (!field.isRepeated()) {
      // In an entry of a map both are written, whatever they are.
      if (field.hasPresence()
          || type.getOptions().getMapEntry()
          || !value.equals(field.getDefaultValue())) {
        out.writeTag(field.getNumber(), field.getLiteType().getWireType());
        value(out, field, value);
      }
    } else if (field.isPacked()) {
      ByteString.Output packed = ByteString.newOutput();
      CodedOutputStream inner = CodedOutputStream.newInstance(packed, BUFFER);
      for (Object each : (List<?>) value) {
        value(inner, field, each);
      }
      inner.flush();
      out.writeBytes(field.getNumber(), packed.toByteString());
    } else {
      for (Object each : (List<?>) value) {
        out.writeTag(field.getNumber(), field.getLiteType().getWireType());
        value(out, field, each);
      }
    }
  }

  private static void value(CodedOutputStream out, FieldDescriptor field, Object value)
      throws IOException {
    switch (field.getType()) {
      case STRING -> out.writeStringNoTag((String) value);
      case BYTES, MESSAGE -> out.writeBytesNoTag((ByteString) value);
      case BOOL -> out.writeBoolNoTag((Boolean) value);
      case ENUM -> out.writeEnumNoTag(((EnumValueDescriptor) value).getNumber());
      case INT32 -> out.writeInt32NoTag((Integer) value);
      case UINT32 -> out.writeUInt32NoTag((Integer) value);
      case SINT32 -> out.writeSInt32NoTag((Integer) value);
      case FIXED32 -> out.writeFixed32NoTag((Integer) value);
      case SFIXED32 -> out.writeSFixed32NoTag((Integer) value);
      case INT64 -> out.writeInt64NoTag((Long) value);
      case UINT64 -> out.writeUInt64NoTag((Long) value);
      case SINT64 -> out.writeSInt64NoTag((Long) value);
      case FIXED64 -> out.writeFixed64NoTag((Long) value);
      case SFIXED64 -> out.writeSFixed64NoTag((Long) value);
      case FLOAT -> out.writeFloatNoTag((Float) value);
      case DOUBLE -> out.writeDoubleNoTag((Double) value);
      case GROUP -> throw new IllegalStateException(field + " is a group");
    }
  }
}
