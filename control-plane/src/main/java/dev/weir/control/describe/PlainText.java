package dev.weir.control.describe;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Whom Strict would refuse at a service whose ports take plain text too.
 *
 * @param callers those that may call and have no sidecar, in words; empty: none is known
 * @param calls those that came, since the sidecars began
 * @param silent instances whose sidecars do not tell, and why
 */
public record PlainText(String callers, List<Call> calls, SortedMap<String, String> silent) {
  public PlainText {
    calls = List.copyOf(calls);
    silent = Collections.unmodifiableSortedMap(new TreeMap<>(silent));
  }

  /**
   * Connections in plain text, or by TLS of their own, from one address.
   *
   * @param instance that was called
   * @param from the address, and whose it is; empty: others than those of which each is told
   */
  public record Call(
      String instance, int port, Optional<String> from, long connections, Instant last) {}
}
