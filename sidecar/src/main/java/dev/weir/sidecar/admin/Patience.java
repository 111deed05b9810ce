package dev.weir.sidecar.admin;

import java.time.Duration;

/**
 * How long clients are waited for.
 *
 * @param idle for the first byte of a connection, for a request on it, and for the next one of a
 *     stream of requests
 * @param begun for the rest of a head, of a request's body or of a message that has begun
 * @param taken for a client that takes nothing of its answer
 */
record Patience(Duration idle, Duration begun, Duration taken) {
  static final Patience STANDARD =
      new Patience(Duration.ofMinutes(5), Duration.ofSeconds(10), Duration.ofMinutes(1));
}
