package dev.weir.control.cli.migrate.resource;

import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An AuthorizationPolicy of Weir's as it is written.
 *
 * @param action {@code Allow}, {@code Deny} or {@code External}
 * @param external of that action: who is asked
 * @param rules none: of Allow, nobody
 */
public record AccessPolicy(
    ObjectName name,
    List<Map<String, Object>> targets,
    String action,
    boolean override,
    boolean shadow,
    Optional<Map<String, Object>> external,
    List<Map<String, Object>> rules) {
  private static final String KIND = "AuthorizationPolicy";
  private static final int MOST_RULES = 64;

  public AccessPolicy {
    targets = List.copyOf(targets);
    rules = List.copyOf(rules);
  }

  /** Several where it says too much for one: such policies add up, but for those that override. */
  public void write(Output output) {
    for (List<Map<String, Object>> some :
        override || rules.isEmpty() ? List.of(rules) : Output.parts(rules, MOST_RULES)) {
      Map<String, Object> sections = Output.fields();
      if (shadow) {
        sections.put("mode", "Shadow");
      }
      if (override) {
        sections.put("precedence", "Override");
      }
      sections.put("action", action);
      external.ifPresent(asked -> sections.put("external", asked));
      sections.put("rules", some);
      output.policy(KIND, name, targets, sections);
    }
  }

  /**
   * Rules of which each has some of {@code from} and some of {@code matches}, no more than a rule
   * may have.
   *
   * @param from who calls; empty: anyone
   * @param token that is needed; empty: none
   * @param matches what is called; empty: anything
   */
  public static List<Map<String, Object>> rules(
      List<Map<String, Object>> from,
      Map<String, Object> token,
      List<Map<String, Object>> matches) {
    List<Map<String, Object>> rules = new ArrayList<>();
    for (List<Map<String, Object>> callers : orAny(from)) {
      for (List<Map<String, Object>> calls : orAny(matches)) {
        Map<String, Object> rule = Output.fields();
        put(rule, "from", callers);
        if (!token.isEmpty()) {
          rule.put("token", token);
        }
        put(rule, "matches", calls);
        rules.add(rule);
      }
    }
    return rules;
  }

  private static List<List<Map<String, Object>>> orAny(List<Map<String, Object>> some) {
    return some.isEmpty() ? List.of(List.of()) : Output.parts(some, Output.MOST);
  }

  /** Nothing for none. */
  public static void put(Map<String, Object> fields, String name, List<?> values) {
    if (!values.isEmpty()) {
      fields.put(name, List.copyOf(values));
    }
  }
}
