package dev.weir.control.traffic;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The outcomes there have been, by number: so many at most, the others are one. Any thread. */
final class Outcomes {
  private final Map<Outcome, Integer> numbers = new ConcurrentHashMap<>();
  private final AtomicReferenceArray<Outcome> outcomes;

  Outcomes(int most) {
    this.outcomes = new AtomicReferenceArray<>(most);
    number(Outcome.OTHER);
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
      return 0;
    }
    outcomes.set(number, outcome);
    numbers.put(outcome, number);
    return number;
  }

  Outcome of(int number) {
    return outcomes.get(number);
  }
}
