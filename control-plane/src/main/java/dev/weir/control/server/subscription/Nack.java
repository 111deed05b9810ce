package dev.weir.control.server.subscription;

import java.time.Instant;
import java.util.List;
import java.util.SortedSet;

/**
 * A refusal, by the client's own words.
 *
 * @param names of what was new in what it refused
 */
public record Nack(String version, SortedSet<String> names, String reason, Instant at) {
  /** Those of the names that its words have; all if they have none. */
  public List<String> accused() {
    List<String> said = names.stream().filter(reason::contains).toList();
    return said.isEmpty() ? List.copyOf(names) : said;
  }
}
