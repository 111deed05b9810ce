package dev.weir.control.model.schema;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes the {@link Shape} of a record from its components and their {@link Field}s. What cannot be
 * described is the program's own mistake and throws.
 */
public final class Shapes {
  private static final int DEFAULT_TEXT = 253;
  private static final int DEFAULT_ITEMS = 16;

  private Shapes() {}

  public static Shape.Struct of(Class<? extends Record> type) {
    List<Shape.Member> members = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      members.add(member(component));
    }
    return new Shape.Struct(
        type,
        List.copyOf(members),
        planned(type),
        ignored(type),
        List.of(type.getAnnotationsByType(Rule.class)));
  }

  private static Shape.Member member(RecordComponent component) {
    Field field = component.getAnnotation(Field.class);
    if (field == null) {
      throw new IllegalArgumentException("no @Field on " + component);
    }
    Shape shape = shape(component.getGenericType(), field);
    boolean optional =
        component.getAnnotatedType().isAnnotationPresent(Nullable.class)
            || !field.defaultsTo().isEmpty()
            || (shape instanceof Shape.Many many && many.min() == 0)
            || shape instanceof Shape.Table;
    Word word = component.getAnnotation(Word.class);
    return new Shape.Member(
        word == null ? component.getName() : word.value(),
        field.value(),
        shape,
        !optional,
        field.defaultsTo().isEmpty() ? null : field.defaultsTo());
  }

  private static Shape shape(Type type, Field field) {
    if (type instanceof ParameterizedType generic) {
      return generic.getRawType() == Map.class
          ? new Shape.Table(bound(field.max(), 64))
          : new Shape.Many(
              item(generic.getActualTypeArguments()[0], field),
              bound(field.min(), 0),
              bound(field.max(), DEFAULT_ITEMS),
              field.key(),
              field.unique());
    }
    if (type == int.class || type == Integer.class || type == long.class) {
      return new Shape.Whole(number(field.min(), 0), number(field.max(), Integer.MAX_VALUE));
    }
    if (type == String.class) {
      return new Shape.Text(
          bound(field.min(), 0),
          bound(field.max(), DEFAULT_TEXT),
          field.pattern(),
          field.otherwise());
    }
    if (type == Duration.class) {
      return new Shape.Time(
          Span.parse(or(field.min(), "0s")),
          Span.parse(or(field.max(), "1h")),
          Span.parse(field.multipleOf()));
    }
    if (type == Rate.class) {
      return new Shape.Frequency(Rate.parse(or(field.min(), "0/s")));
    }
    if (type == Percentage.class) {
      return new Shape.Share(
          Percentage.parse(or(field.min(), "0%")), Percentage.parse(or(field.max(), "100%")));
    }
    return plain((Class<?>) type);
  }

  /** {@code min} and {@code max} of a list are its own. */
  private static Shape item(Type type, Field field) {
    if (type == String.class) {
      return new Shape.Text(1, DEFAULT_TEXT, field.pattern(), field.otherwise());
    }
    if (type == Integer.class) {
      return new Shape.Whole(number(field.eachMin(), 0), number(field.eachMax(), 65535));
    }
    return plain((Class<?>) type);
  }

  private static Shape plain(Class<?> type) {
    if (type == boolean.class || type == Boolean.class) {
      return new Shape.Flag();
    }
    if (type == PortReference.class) {
      return new Shape.PortOrName();
    }
    if (type.isEnum()) {
      return choice(type);
    }
    if (type.isRecord()) {
      return of(type.asSubclass(Record.class));
    }
    if (type.isSealed()) {
      List<Shape.Struct> cases = new ArrayList<>();
      for (Class<?> permitted : type.getPermittedSubclasses()) {
        cases.add(of(permitted.asSubclass(Record.class)));
      }
      return new Shape.Union(List.copyOf(cases), planned(type));
    }
    throw new IllegalArgumentException("no shape for " + type);
  }

  private static Shape choice(Class<?> type) {
    Map<String, Enum<?>> values = new LinkedHashMap<>();
    for (Object constant : type.getEnumConstants()) {
      Enum<?> value = (Enum<?>) constant;
      values.put(word(value), value);
    }
    return new Shape.Choice(values, planned(type));
  }

  /** How {@code value} is written: its name in CamelCase, or its {@link Word}. */
  public static String word(Enum<?> value) {
    try {
      Word word = value.getDeclaringClass().getField(value.name()).getAnnotation(Word.class);
      return word == null ? camelCase(value.name()) : word.value();
    } catch (NoSuchFieldException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String camelCase(String name) {
    StringBuilder text = new StringBuilder();
    for (String part : name.split("_")) {
      text.append(part.charAt(0)).append(part.substring(1).toLowerCase(Locale.ROOT));
    }
    return text.toString();
  }

  private static Map<String, Shape.Later> planned(Class<?> type) {
    Map<String, Shape.Later> words = new TreeMap<>();
    Planned planned = type.getAnnotation(Planned.class);
    for (String entry : planned == null ? new String[0] : planned.value()) {
      int colon = entry.indexOf(": ");
      String word = colon < 0 ? entry : entry.substring(0, colon);
      String wayOut = colon < 0 ? "take it out for now" : entry.substring(colon + 2);
      Shape.Form form =
          word.endsWith("{}")
              ? Shape.Form.MAP
              : word.endsWith("[]") ? Shape.Form.LIST : Shape.Form.TEXT;
      words.put(
          form == Shape.Form.TEXT ? word : word.substring(0, word.length() - 2),
          new Shape.Later(form, wayOut));
    }
    return words;
  }

  private static SortedSet<String> ignored(Class<?> type) {
    Ignored ignored = type.getAnnotation(Ignored.class);
    return ignored == null ? new TreeSet<>() : new TreeSet<>(List.of(ignored.value()));
  }

  private static int bound(String written, int otherwise) {
    return Math.toIntExact(number(written, otherwise));
  }

  private static long number(String written, long otherwise) {
    return written.isEmpty() ? otherwise : Long.parseLong(written);
  }

  private static String or(String written, String otherwise) {
    return written.isEmpty() ? otherwise : written;
  }
}
