package dev.weir.sidecar.admin;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.sidecar.format.Json;
import io.envoyproxy.envoy.config.bootstrap.v3.LayeredRuntime;
import io.envoyproxy.envoy.config.bootstrap.v3.RuntimeLayer;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code /runtime}: the layers of the bootstrap and what they say, in Envoy's form: values by key,
 * the parts of a key joined by dots. Layers that are not static are there without values. No key
 * has an effect here, which the page says too.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/operations/runtime
 */
final class RuntimePage {
  private static final String NO_EFFECT =
      "the sidecar goes by the defaults that stand beside runtime keys; no layer is asked";

  private RuntimePage() {}

  static String json(LayeredRuntime runtime) {
    List<RuntimeLayer> layers = runtime.getLayersList();
    Map<String, List<String>> values = new TreeMap<>();
    for (int i = 0; i < layers.size(); i++) {
      collect("", layers.get(i).getStaticLayer(), i, layers.size(), values);
    }
    Map<String, Object> entries = new TreeMap<>();
    values.forEach((key, each) -> {
      String last =
          each.reversed().stream().filter(value -> !value.isEmpty()).findFirst().orElse("");
      entries.put(key, Map.of("layer_values", each, "final_value", last));
    });
    return Json.write(
            Map.of(
                "layers",
                layers.stream().<Object>map(RuntimeLayer::getName).toList(),
                "entries",
                entries,
                "effect",
                NO_EFFECT))
        + "\n";
  }

  private static void collect(
      String prefix, Struct struct, int layer, int layers, Map<String, List<String>> values) {
    struct
        .getFieldsMap()
        .forEach((name, value) -> {
          if (value.hasStructValue() && !isFraction(value.getStructValue())) {
            collect(prefix + name + ".", value.getStructValue(), layer, layers, values);
          } else {
            values
                .computeIfAbsent(
                    prefix + name, key -> new ArrayList<>(Collections.nCopies(layers, "")))
                .set(layer, text(value));
          }
        });
  }

  /** A {@code FractionalPercent}, which is one value. */
  private static boolean isFraction(Struct struct) {
    return struct.containsFields("numerator") || struct.containsFields("denominator");
  }

  private static String text(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      case NUMBER_VALUE ->
          BigDecimal.valueOf(value.getNumberValue()).stripTrailingZeros().toPlainString();
      case STRUCT_VALUE -> Json.write(new TreeMap<>(mapped(value.getStructValue())));
      case LIST_VALUE, NULL_VALUE, KIND_NOT_SET -> "";
    };
  }

  private static Map<String, String> mapped(Struct struct) {
    Map<String, String> mapped = new TreeMap<>();
    struct.getFieldsMap().forEach((name, value) -> mapped.put(name, text(value)));
    return mapped;
  }
}
