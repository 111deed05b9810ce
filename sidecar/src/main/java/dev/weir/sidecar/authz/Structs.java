package dev.weir.sidecar.authz;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.sidecar.http.DynamicMetadata;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Values of JSON, as {@link DynamicMetadata} has them and as protobuf does. */
public final class Structs {
  private Structs() {}

  static Map<String, Object> toMap(Struct struct) {
    Map<String, Object> map = new HashMap<>();
    struct.getFieldsMap().forEach((key, value) -> map.put(key, toObject(value)));
    return map;
  }

  private static Object toObject(Value value) {
    return switch (value.getKindCase()) {
      case NULL_VALUE, KIND_NOT_SET -> DynamicMetadata.NULL;
      case NUMBER_VALUE -> value.getNumberValue();
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> value.getBoolValue();
      case STRUCT_VALUE -> toMap(value.getStructValue());
      case LIST_VALUE ->
          value.getListValue().getValuesList().stream().map(Structs::toObject).toList();
    };
  }

  public static Struct ofMap(Map<?, ?> map) {
    Struct.Builder struct = Struct.newBuilder();
    map.forEach((key, value) -> struct.putFields(String.valueOf(key), ofObject(value)));
    return struct.build();
  }

  private static Value ofObject(Object value) {
    Value.Builder made = Value.newBuilder();
    return switch (value) {
      case String text -> made.setStringValue(text).build();
      case Number number -> made.setNumberValue(number.doubleValue()).build();
      case Boolean flag -> made.setBoolValue(flag).build();
      case Map<?, ?> map -> made.setStructValue(ofMap(map)).build();
      case List<?> list ->
          made.setListValue(
                  ListValue.newBuilder()
                      .addAllValues(list.stream().map(Structs::ofObject).toList()))
              .build();
      default -> made.setNullValue(NullValue.NULL_VALUE).build();
    };
  }
}
