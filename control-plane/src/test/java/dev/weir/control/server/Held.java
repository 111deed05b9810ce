package dev.weir.control.server;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What an object of Weir's holds: it, and all that its fields lead to, through fields of Weir's own
 * classes and through collections. What others' objects hold is not looked at.
 *
 * @param objects by the names of their classes
 * @param characters of texts
 */
record Held(SortedMap<String, Integer> objects, long characters) {
  private static final String OWN = "dev.weir.control.";

  /** While the program runs; what changes meanwhile is looked at again. */
  static Held by(Object root) {
    for (int tries = 0; ; tries++) {
      try {
        return new Walk().of(root);
      } catch (ConcurrentModificationException changed) {
        if (tries == 100) {
          throw changed;
        }
      }
    }
  }

  int count() {
    return objects.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** By class, how many more there are than {@code before}. */
  SortedMap<String, Integer> moreThan(Held before) {
    SortedMap<String, Integer> more = new TreeMap<>();
    objects.forEach((name, count) -> {
      int grown = count - before.objects.getOrDefault(name, 0);
      if (grown > 0) {
        more.put(name, grown);
      }
    });
    return more;
  }

  private static final class Walk {
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Object> left = new ArrayDeque<>();
    private final SortedMap<String, Integer> objects = new TreeMap<>();
    private long characters;

    Held of(Object root) {
      add(root);
      while (!left.isEmpty()) {
        look(left.pop());
      }
      return new Held(objects, characters);
    }

    private void add(@Nullable Object object) {
      if (object != null && !(object instanceof Class<?>) && seen.add(object)) {
        left.push(object);
      }
    }

    private void look(Object object) {
      Class<?> type = object.getClass();
      objects.merge(type.getName().replaceFirst("/0x.*", ""), 1, Integer::sum);
      switch (object) {
        case String text -> characters += text.length();
        case Map<?, ?> map ->
            map.forEach((key, value) -> {
              add(key);
              add(value);
            });
        case Collection<?> collection -> collection.forEach(this::add);
        case Optional<?> optional -> optional.ifPresent(this::add);
        case AtomicReference<?> reference -> add(reference.get());
        case Object[] array -> Arrays.stream(array).forEach(this::add);
        default -> {
          for (Class<?> of = type;
              of != null && of.getName().startsWith(OWN);
              of = of.getSuperclass()) {
            Arrays.stream(of.getDeclaredFields()).forEach(field -> add(value(field, object)));
          }
        }
      }
    }

    private static @Nullable Object value(Field field, Object object) {
      if (Modifier.isStatic(field.getModifiers()) || field.getType().isPrimitive()) {
        return null;
      }
      field.setAccessible(true);
      try {
        return field.get(object);
      } catch (IllegalAccessException e) {
        throw new AssertionError(e);
      }
    }
  }
}
