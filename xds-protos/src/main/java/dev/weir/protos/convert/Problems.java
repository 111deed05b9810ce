package dev.weir.protos.convert;

import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import dev.weir.protos.Problem;
import java.util.ArrayList;
import java.util.List;

/** Collects problems, the first hundred; a file with more has one cause, or none worth counting. */
final class Problems {
  private static final int MAX = 100;

  private final List<Problem> problems = new ArrayList<>();

  void add(Location at, FieldPath field, String message) {
    if (problems.size() < MAX) {
      problems.add(new Problem(at, field, message));
    }
  }

  List<Problem> list() {
    return problems;
  }
}
