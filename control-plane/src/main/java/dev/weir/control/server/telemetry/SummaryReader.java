package dev.weir.control.server.telemetry;

import dev.weir.control.traffic.Durations;
import dev.weir.control.traffic.Edge;
import dev.weir.control.traffic.Outcome;
import dev.weir.control.traffic.Reporter;
import dev.weir.control.traffic.Sample;
import dev.weir.protos.service.telemetry.v1alpha1.BreakerChange;
import dev.weir.protos.service.telemetry.v1alpha1.EdgeSummary;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.regex.Pattern;

/** From the words of a summary to values. What does not fit is told by its field. */
final class SummaryReader {
  private static final Pattern RESPONSE_CLASS = Pattern.compile("|none|[1-5]xx");
  private static final Pattern GRPC_STATUS = Pattern.compile("|none|other|1?[0-9]");
  private static final Pattern CAUSE = Pattern.compile("[a-z][-a-z0-9]{0,63}|");

  /** Of two names of Kubernetes. */
  private static final int LONGEST_NAME = 2 * 253 + 1;

  private static final int MAX_PORT = 65535;
  private static final int LOWEST_BUCKET = -14 << Durations.SCALE_SENT;
  private static final int HIGHEST_BUCKET = 12 << Durations.SCALE_SENT;

  /** More than a sidecar has in five minutes. */
  private static final long MOST_STREAMS = 1L << 32;

  private static final long MOST_BYTES = 1L << 50;
  private static final long MOST_MICROS = 1L << 60;

  private SummaryReader() {}

  /**
   * @param field where it stands, as in {@code edges[3].edge}
   */
  static Told edge(dev.weir.protos.service.telemetry.v1alpha1.Edge message, String field)
      throws StatusException {
    name(message.getSource(), field + ".source");
    name(message.getDestination(), field + ".destination");
    policy(message.getPolicy(), field + ".policy");
    fits(RESPONSE_CLASS, message.getResponseClass(), field + ".response_class");
    fits(GRPC_STATUS, message.getGrpcStatus(), field + ".grpc_status");
    fits(CAUSE, message.getCause(), field + ".cause");
    policy(message.getShadowPolicy(), field + ".shadow_policy");
    fits(CAUSE, message.getShadowCause(), field + ".shadow_cause");
    if (message.getPort() < 0 || message.getPort() > MAX_PORT) {
      throw invalid(field + ".port", "is no port");
    }
    Reporter reporter =
        switch (message.getReporter()) {
          case SOURCE -> Reporter.SOURCE;
          case DESTINATION -> Reporter.DESTINATION;
          case REPORTER_UNSPECIFIED, UNRECOGNIZED -> throw invalid(field + ".reporter", "is none");
        };
    String protocol =
        switch (message.getProtocol()) {
          case HTTP -> "http";
          case GRPC -> "grpc";
          case TCP -> "tcp";
          case PROTOCOL_UNSPECIFIED, UNRECOGNIZED -> throw invalid(field + ".protocol", "is none");
        };
    return new Told(
        new Edge(message.getSource(), message.getDestination(), message.getPort()),
        reporter,
        new Outcome(
            protocol,
            message.getResponseClass(),
            message.getGrpcStatus(),
            message.getCause(),
            message.getPolicy(),
            message.getShadowCause(),
            message.getShadowPolicy()));
  }

  /**
   * @param edge of the number that the summary has
   * @param field as in {@code edges[3]}
   */
  static Sample sample(EdgeSummary message, Edge edge, Told told, String field)
      throws StatusException {
    int size = message.getCountsCount();
    int first = message.getFirstBucket();
    if (first < LOWEST_BUCKET || first > HIGHEST_BUCKET || size > HIGHEST_BUCKET - first + 1) {
      throw invalid(
          field + ".counts", "are beyond buckets " + LOWEST_BUCKET + " to " + HIGHEST_BUCKET);
    }
    Durations durations = new Durations(Durations.SCALE_SENT);
    long all = 0;
    for (int i = 0; i < size; i++) {
      long count = message.getCounts(i);
      all += within(count, MOST_STREAMS, field + ".counts");
      if (count > 0) {
        durations.add(Durations.SCALE_SENT, first + i, count);
      }
    }
    durations.addMicros(within(message.getSumMicros(), MOST_MICROS, field + ".sum_micros"));
    return new Sample(
        edge,
        told.reporter(),
        told.outcome(),
        within(all, MOST_STREAMS, field + ".counts"),
        within(message.getReceived(), MOST_BYTES, field + ".received"),
        within(message.getSent(), MOST_BYTES, field + ".sent"),
        durations);
  }

  /** Numbers of the wire have no sign; too large ones are negative here. */
  private static long within(long number, long most, String field) throws StatusException {
    if (number < 0 || number > most) {
      throw invalid(field, "is more than " + most);
    }
    return number;
  }

  static void check(BreakerChange change, String field) throws StatusException {
    name(change.getDestination(), field + ".destination");
    policy(change.getPolicy(), field + ".policy");
    policy(change.getInstance(), field + ".instance");
    switch (change.getState()) {
      case CLOSED, OPEN, HALF_OPEN, EJECTED, BACK -> {}
      case STATE_UNSPECIFIED, UNRECOGNIZED -> throw invalid(field + ".state", "is none");
    }
  }

  private static void name(String text, String field) throws StatusException {
    if (text.isEmpty()) {
      throw invalid(field, "is missing");
    }
    policy(text, field);
  }

  private static void policy(String text, String field) throws StatusException {
    if (text.length() > LONGEST_NAME || text.chars().anyMatch(Character::isISOControl)) {
      throw invalid(field, "is not a text of at most " + LONGEST_NAME + " printable characters");
    }
  }

  private static void fits(Pattern pattern, String text, String field) throws StatusException {
    if (!pattern.matcher(text).matches()) {
      throw invalid(field, "is none of " + pattern);
    }
  }

  static StatusException invalid(String field, String what) {
    return Status.INVALID_ARGUMENT.withDescription(field + " " + what).asException();
  }
}
