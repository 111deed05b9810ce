package dev.weir.cli.story;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.stream.Stream;

/**
 * A request as one sidecar saw it: on its way out of its app, or in to it.
 *
 * @param sidecar whose it is
 * @param service that the sidecar is of
 */
record Hop(String sidecar, String service, Facts facts) {
  /** Clocks of two machines may differ by so much, and a time is told in whole milliseconds. */
  private static final double TOLERANCE_MILLIS = 50;

  boolean outbound() {
    return facts.text("direction").equals("outbound");
  }

  /** Milliseconds since 1970. */
  double start() {
    try {
      return Instant.parse(facts.text("time")).toEpochMilli();
    } catch (DateTimeParseException e) {
      return 0; // told as what came first
    }
  }

  double end() {
    return start() + facts.number("duration_ms");
  }

  List<Facts> attempts() {
    return facts.parts("attempts");
  }

  boolean failed() {
    return facts.has("cause")
        || facts.whole("status") >= 400
        || !facts.has("status")
        || !List.of("", "0").contains(facts.text("grpc_status"));
  }

  /** The spans of it and of its attempts, as far as it has some. */
  Stream<String> spans() {
    return Stream.concat(Stream.of(facts), attempts().stream())
        .map(part -> part.text("span_id"))
        .filter(id -> !id.isEmpty());
  }

  /** {@code other} is how the next sidecar, or this one, goes on with it. */
  boolean leadsTo(Hop other) {
    if (other == this || outbound() == other.outbound() || !during(other)) {
      return false;
    }
    if (!outbound()) {
      return sidecar.equals(other.sidecar); // the app's own calls, while it was at this one
    }
    boolean sameRequest =
        facts.has("request_id") && facts.text("request_id").equals(other.facts.text("request_id"));
    boolean met =
        attempts().stream()
            .anyMatch(attempt -> attempt.text("host").equals(other.facts.text("destination")));
    return met || sameRequest && !other.sidecar.equals(sidecar);
  }

  private boolean during(Hop other) {
    return other.start() >= start() - TOLERANCE_MILLIS && other.start() <= end() + TOLERANCE_MILLIS;
  }

  /** {@code GET /items}; of a connection where it went. */
  String request() {
    return facts.has("method")
        ? facts.text("method") + " " + facts.text("path")
        : "connection to " + facts.text("destination");
  }

  /** {@code 503}, {@code gRPC 14}, or that there is no response. */
  String result() {
    String grpc = facts.text("grpc_status");
    if (!grpc.isEmpty() && facts.whole("status") == 200) {
      return "gRPC " + grpc;
    }
    if (facts.has("status")) {
      return facts.text("status");
    }
    return facts.has("method") ? "no response" : facts.has("cause") ? "failed" : "over";
  }
}
