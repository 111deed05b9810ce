package dev.weir.sidecar.filter.http.router;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one request that are under way: one, and beside it its copies if the route
 * hedges. Event loop of the stream.
 */
final class AttemptsUnderWay {
  private @Nullable Attempt newest;

  /** Made when there is one: most requests are never copied. */
  private List<Attempt> older = List.of();

  /** The one that was begun last; from the response's head on, the one whose response it is. */
  @Nullable Attempt newest() {
    return newest;
  }

  boolean none() {
    return newest == null;
  }

  /** There are copies. */
  boolean several() {
    return !older.isEmpty();
  }

  /** One beside {@code attempt}, which may be over itself. */
  boolean others(Attempt attempt) {
    return several() || newest != null && newest != attempt;
  }

  void add(Attempt attempt) {
    Attempt before = newest;
    if (before != null) {
      if (older.isEmpty()) {
        older = new ArrayList<>(2);
      }
      older.add(before);
    }
    newest = attempt;
  }

  /** {@code attempt} is over. */
  void remove(Attempt attempt) {
    if (newest == attempt) {
      newest = several() ? older.removeLast() : null;
    } else if (several()) {
      older.remove(attempt);
    }
  }

  /** All others than {@code winner}, which may have been taken out, are given up. */
  void keepOnly(Attempt winner) {
    remove(winner);
    cancel();
    newest = winner;
  }

  /** Gives up those that have no connection. */
  void cancelUnconnected() {
    for (Attempt attempt : all()) {
      if (!attempt.connected()) {
        attempt.cancel();
        remove(attempt);
      }
    }
  }

  void cancel() {
    List<Attempt> all = all();
    newest = null;
    older = List.of();
    all.forEach(Attempt::cancel);
  }

  void readDisable(boolean disable) {
    for (Attempt attempt : all()) {
      if (attempt.sent()) {
        attempt.readDisable(disable);
      }
    }
  }

  /** They have had their time, and no answer came. */
  void failedInTime() {
    all().forEach(Attempt::failedInTime);
  }

  private List<Attempt> all() {
    if (!several()) {
      return newest == null ? List.of() : List.of(newest);
    }
    List<Attempt> all = new ArrayList<>(older);
    if (newest != null) {
      all.add(newest);
    }
    return all;
  }
}
