package dev.weir.control.describe;

import dev.weir.control.model.Policy;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Percentage;
import dev.weir.control.model.schema.PortReference;
import dev.weir.control.model.schema.Rate;
import dev.weir.control.model.schema.Shapes;
import dev.weir.control.model.schema.Span;
import dev.weir.control.model.schema.Word;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values of the model as people write them; what is as it would be without them is left out. */
public final class Written {
  /** Of a policy as a whole: who it is for, and what is told beside. */
  private static final Set<String> NOT_SAID = Set.of("targetRefs", "mode", "precedence");

  private Written() {}

  /** Maps, lists, texts, numbers and booleans. */
  public static Object of(Object value) {
    return switch (value) {
      case Duration duration -> Span.print(duration);
      case Percentage percentage -> percentage.toString();
      case Rate rate -> rate.toString();
      case PortReference port -> port.text();
      case Enum<?> word -> Shapes.word(word);
      case Record record -> record(record);
      case Iterable<?> items -> {
        List<Object> list = new ArrayList<>();
        items.forEach(item -> list.add(of(item)));
        yield list;
      }
      case Map<?, ?> map -> {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, item) -> copy.put(String.valueOf(key), of(item)));
        yield copy;
      }
      case Integer number -> number;
      case Long number -> number;
      case Boolean flag -> flag;
      default -> value.toString();
    };
  }

  private static Map<String, Object> record(Record record) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = value(record, component);
      if (value instanceof Optional<?> optional) {
        value = optional.orElse(null);
      }
      if (value == null
          || record instanceof Policy.Spec && NOT_SAID.contains(component.getName())) {
        continue;
      }
      Object written = of(value);
      boolean empty =
          written instanceof List<?> list && list.isEmpty()
              || written instanceof Map<?, ?> map && map.isEmpty() && !isSwitch(value);
      Field field = component.getAnnotation(Field.class);
      if (!empty && (field == null || !flow(written).equals(field.defaultsTo()))) {
        Word word = component.getAnnotation(Word.class);
        fields.put(word == null ? component.getName() : word.value(), written);
      }
    }
    return fields;
  }

  /** One that does something by being there, all of it as by default. */
  private static boolean isSwitch(Object value) {
    return value instanceof Record;
  }

  private static @Nullable Object value(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("records of the model are public: " + component, e);
    }
  }

  /** In one line, as YAML's flow style: {@code request: 2s, backendRequest: 500ms}. */
  static String line(Object written) {
    return written instanceof Map<?, ?> map
        ? map.entrySet().stream()
            .map(entry -> entry.getKey() + ": " + flow(entry.getValue()))
            .collect(Collectors.joining(", "))
        : flow(written);
  }

  private static String flow(@Nullable Object written) {
    return switch (written) {
      case null -> "null";
      case Map<?, ?> map -> "{" + line(map) + "}";
      case List<?> list ->
          list.stream().map(Written::flow).collect(Collectors.joining(", ", "[", "]"));
      default -> written.toString();
    };
  }
}
