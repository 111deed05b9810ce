package dev.weir.control.traffic;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The outcomes there have been, by number: so many at most; of further ones first what policies in
 * shadow mode say is left out, and then they are one of two, by whether they failed. Any thread.
 */
final class Outcomes {
  private final Map<Outcome, Integer> numbers = new ConcurrentHashMap<>();
  private final AtomicReferenceArray<Outcome> outcomes;

  Outcomes(int most) {
    this.outcomes = new AtomicReferenceArray<>(most);
    number(Outcome.OTHER);
    number(Outcome.OTHER_FAILURE);
  }

  int number(Outcome outcome) {
    Integer known = numbers.get(outcome);
    return known == null ? add(outcome) : known;
  }

  private synchronized int add(Outcome outcome) {
    Integer known = numbers.get(outcome);
    if (known != null) {
      return known;
    }
    int number = numbers.size();
    if (number == outcomes.length()) {
      Integer plain = numbers.get(outcome.withoutShadow());
      return plain != null ? plain : outcome.failed() ? 1 : 0;
    }
    outcomes.set(number, outcome);
    numbers.put(outcome, number);
    return number;
  }

  Outcome of(int number) {
    return outcomes.get(number);
  }
}
