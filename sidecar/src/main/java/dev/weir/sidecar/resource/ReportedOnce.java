package dev.weir.sidecar.resource;

import dev.weir.protos.honoured.Unhonoured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Passes a resource's unhonoured fields on when they are not those of the last time. It remembers
 * the resources that were seen last. Control thread.
 */
final class ReportedOnce implements UnhonouredFields {
  private static final int REMEMBERED = 1_000;

  private final UnhonouredFields next;
  private final Map<String, List<Unhonoured>> reported =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, List<Unhonoured>> eldest) {
          return size() > REMEMBERED;
        }
      };

  ReportedOnce(UnhonouredFields next) {
    this.next = next;
  }

  @Override
  public void report(String resource, List<Unhonoured> fields) {
    if (!fields.equals(reported.put(resource, fields))) {
      next.report(resource, fields);
    }
  }
}
