package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Headers} against a list of names and values. How heads are read: MutatedRequestTest. */
class HeadersTest {
  private record Field(String name, String value) {
    boolean is(String other) {
      return name.equalsIgnoreCase(other);
    }
  }

  enum Kind {
    ADD,
    ADD_KNOWN,
    SET,
    REMOVE,
    REMOVE_PREFIX,
    COPY,
    PATH
  }

  record Change(Kind kind, String name, String value) {}

  @Provide
  Arbitrary<List<Change>> changes() {
    Arbitrary<String> names =
        Arbitraries.of(
            "x-a",
            "X-A",
            "x-ab",
            "x-b",
            "Date",
            "date",
            "x-envoy-original-path",
            "b3",
            "x-b3-flags");
    Arbitrary<String> values =
        Arbitraries.strings().withChars("a \u00e4,").ofMaxLength(20).map(String::strip);
    return Combinators.combine(Arbitraries.of(Kind.values()), names, values)
        .as(Change::new)
        .list()
        .ofMaxSize(40);
  }

  @Property
  void agreesWithAList(@ForAll("changes") List<Change> changes) {
    Headers headers = Headers.request("GET", "app", "/");
    List<Field> model = new ArrayList<>();
    String path = "/";
    for (Change change : changes) {
      String lower = change.name().toLowerCase(Locale.ROOT);
      switch (change.kind()) {
        case ADD -> {
          headers.add(change.name(), change.value());
          model.add(new Field(change.name(), change.value()));
        }
        case ADD_KNOWN -> {
          headers.add(HeaderName.DATE, change.value());
          model.add(new Field("date", change.value()));
        }
        case SET -> {
          headers.set(change.name(), change.value());
          model.removeIf(field -> field.is(lower));
          model.add(new Field(change.name(), change.value()));
        }
        case REMOVE -> {
          headers.remove(lower);
          model.removeIf(field -> field.is(lower));
        }
        case REMOVE_PREFIX -> {
          String prefix = lower.substring(0, Math.min(3, lower.length()));
          headers.removePrefix(prefix);
          model.removeIf(field -> field.name().toLowerCase(Locale.ROOT).startsWith(prefix));
        }
        case COPY -> {
          Headers copy = headers.copy();
          headers.add("x-lost", "with the original");
          headers = copy;
        }
        case PATH -> {
          path = "/" + change.name();
          headers.path(path);
        }
      }
      check(headers, model, path);
    }
  }

  private static void check(Headers headers, List<Field> model, String path) {
    assertEquals("GET", headers.method());
    assertEquals("app", headers.authority());
    assertEquals(path, headers.path());
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < headers.size(); i++) {
      if (headers.isField(i)) {
        fields.add(new Field(lowerIfKnown(headers, i), headers.value(i)));
      }
    }
    assertEquals(
        model.stream().map(field -> lowerIfKnown(field)).toList(), fields, "fields in their order");
    assertEquals(model.size(), headers.fieldCount());
    for (String name : List.of("x-a", "x-ab", "date", "b3", "x-b3-flags", "x-c")) {
      List<String> values =
          model.stream().filter(field -> field.is(name)).map(Field::value).toList();
      @Nullable String joined =
          values.isEmpty() ? null : values.stream().collect(Collectors.joining(","));
      assertEquals(joined, headers.value(name));
    }
    boolean dated = model.stream().anyMatch(field -> field.is("date"));
    assertEquals(dated, headers.has(HeaderName.DATE));
    assertEquals(dated, headers.find(HeaderName.DATE) >= 0);
  }

  private static String lowerIfKnown(Headers headers, int field) {
    return headers.known(field) == null
        ? headers.name(field)
        : headers.name(field).toLowerCase(Locale.ROOT);
  }

  private static Field lowerIfKnown(Field field) {
    return HeaderName.lookup(field.name().toLowerCase(Locale.ROOT)) == null
        ? field
        : new Field(field.name().toLowerCase(Locale.ROOT), field.value());
  }

  @Property
  void whatAnAttemptAddsIsTakenBack(
      @ForAll("changes") List<Change> base, @ForAll("changes") List<Change> attempt) {
    Headers headers = Headers.request("GET", "app", "/");
    base.forEach(change -> headers.add(change.name(), change.value()));
    String before = headers.toString();
    Headers.Mark mark = headers.mark();
    attempt.forEach(change -> headers.add(change.name(), change.value()));
    headers.path("/other");
    headers.authority("other");
    headers.rewind(mark);
    assertEquals(before, headers.toString());
    assertEquals(
        base.stream().anyMatch(change -> change.name().equalsIgnoreCase("date")),
        headers.has(HeaderName.DATE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\rb", "a\nb", "a\0b", "a\u007fb", "\u0100"})
  void valueThatWouldBreakTheHeadIsRefused(String value) {
    Headers headers = Headers.response(200);
    assertThrows(IllegalArgumentException.class, () -> headers.add("x-a", value));
    assertThrows(IllegalArgumentException.class, () -> headers.set(HeaderName.DATE, value));
    assertEquals(0, headers.fieldCount());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a:", "a\r", "\u00e4"})
  void nameThatIsNoTokenIsRefused(String name) {
    Headers headers = Headers.response(200);
    assertThrows(IllegalArgumentException.class, () -> headers.add(name, "v"));
    assertEquals(0, headers.fieldCount());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 9, 10, 99, 100, 1234567890123L, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void numberIsWrittenInDecimal(long value) {
    Headers headers = Headers.empty();
    headers.add(HeaderName.CONTENT_LENGTH, 7);
    headers.set(HeaderName.CONTENT_LENGTH, value);
    headers.add("x-next", "whole");
    assertEquals(Long.toString(value), headers.value(HeaderName.CONTENT_LENGTH));
    assertEquals("whole", headers.value("x-next"));
  }
}
