package dev.weir.sidecar.dns;

import java.util.List;

/** What came of one question to one server. */
sealed interface Reply {
  /**
   * @param addresses empty where there is no such name, or no such address of it
   * @param ttlSeconds the shortest; 0 without addresses
   */
  record Addresses(List<String> addresses, long ttlSeconds) implements Reply {}

  /** It answered that it cannot say. */
  record Refusal(String reason) implements Reply {}

  /** It did not answer. */
  record Silence(String reason) implements Reply {}
}
