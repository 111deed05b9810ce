package dev.weir.control.cli.migrate.resource;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who calls, as the {@code from} of a rule says it, narrowed by one condition after the other. */
public final class Callers {
  /** A list of a caller, of which one must be it. */
  public enum By {
    SERVICE_ACCOUNTS("serviceAccounts"),
    NAMESPACES("namespaces"),
    PRINCIPALS("principals"),
    IP_BLOCKS("ipBlocks");

    private final String field;

    By(String field) {
      this.field = field;
    }
  }

  /** One that a condition takes. */
  public record Caller(By by, String value) {}

  private List<Map<By, List<String>>> callers = List.of(Map.of());

  /** Whether it is anybody. */
  public boolean any() {
    return callers.stream().anyMatch(Map::isEmpty);
  }

  /** Whether it is nobody: the conditions contradict each other. */
  public boolean none() {
    return callers.isEmpty();
  }

  /** Whether a condition of this sort was there. */
  public boolean limits(By by) {
    return callers.stream().anyMatch(caller -> caller.containsKey(by));
  }

  /** It must be one of these, too. */
  public void require(List<Caller> some) {
    Map<By, List<String>> lists = new LinkedHashMap<>();
    some.forEach(each -> lists.computeIfAbsent(each.by, key -> new ArrayList<>()).add(each.value));
    List<Map<By, List<String>>> both = new ArrayList<>();
    for (Map<By, List<String>> caller : callers) {
      lists.forEach((by, values) -> {
        List<String> known = caller.get(by);
        List<String> common =
            known == null ? values : values.stream().filter(known::contains).toList();
        if (!common.isEmpty()) {
          Map<By, List<String>> next = new LinkedHashMap<>(caller);
          next.put(by, common);
          both.add(next);
        }
      });
    }
    callers = both;
  }

  /** As a rule's {@code from}; none: anyone. */
  public List<Map<String, Object>> from() {
    return any()
        ? List.of()
        : callers.stream().flatMap(caller -> written(caller).stream()).toList();
  }

  /** Several where a list is too long for one. */
  private static List<Map<String, Object>> written(Map<By, List<String>> caller) {
    List<Map<String, Object>> all = List.of(Output.fields());
    for (By by : By.values()) {
      List<Map<String, Object>> longer = new ArrayList<>();
      for (List<String> part : Output.parts(caller.getOrDefault(by, List.of()), Output.MOST)) {
        for (Map<String, Object> each : all) {
          Map<String, Object> fields = new LinkedHashMap<>(each);
          fields.put(by.field, part);
          longer.add(fields);
        }
      }
      all = longer.isEmpty() ? all : longer;
    }
    return all;
  }
}
