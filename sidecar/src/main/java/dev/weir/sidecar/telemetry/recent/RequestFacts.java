package dev.weir.sidecar.telemetry.recent;

import dev.weir.sidecar.http.AttemptInfo;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.PolicyDecision;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.route.RouteTable;
import dev.weir.sidecar.runtime.SocketAddresses;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request as it is told: maps, lists, texts and numbers, for JSON. Times inside of it are
 * milliseconds from its start. No secret is in it: {@link Redaction}.
 */
final class RequestFacts {
  private static final double NANOS_PER_MILLI = 1e6;

  private final Redaction redaction;
  private final ConfigChanges changes;
  private final Function<String, @Nullable RouteTable> routes;
  private final BiFunction<Instant, Instant, Optional<String>> outages;

  /**
   * @param routes in force, by the name of listener and chain
   * @param outages that the control plane was away between two times, in words
   */
  RequestFacts(
      Redaction redaction,
      ConfigChanges changes,
      Function<String, @Nullable RouteTable> routes,
      BiFunction<Instant, Instant, Optional<String>> outages) {
    this.redaction = redaction;
    this.changes = changes;
    this.routes = routes;
    this.outages = outages;
  }

  Map<String, Object> of(RecentRequest request) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("kind", lower(request.kind()));
    facts.put("time", Instant.ofEpochMilli(request.startMillis()).toString());
    facts.put("direction", lower(request.direction()));
    put(facts, "request_id", request.requestId());
    put(facts, "trace_id", request.traceId());
    put(facts, "span_id", request.spanId());
    put(facts, "parent_span_id", request.parentSpanId());
    facts.put("peer", SocketAddresses.text(request.peer()));
    put(facts, "peer_identity", request.peerIdentity());
    facts.put("destination", SocketAddresses.text(request.destination()));
    facts.put("protocol", request.version() == null ? "TCP" : request.version());
    put(facts, "method", request.method());
    put(facts, "authority", request.authority());
    put(facts, "path", Redaction.target(request.path()));
    Headers head = request.head();
    if (head != null) {
      facts.put("fields", redaction.fields(head));
    }
    put(facts, "chain", request.chain());
    put(facts, "virtual_host", request.virtualHost());
    put(facts, "route", request.route());
    List<Object> passed = passed(request);
    if (!passed.isEmpty()) {
      facts.put("routes_before", passed);
    }
    put(facts, "cluster", request.cluster());
    if (request.status() > 0) {
      facts.put("status", request.status());
    }
    if (request.attempt() != null) {
      put(facts, "grpc_status", request.attempt().grpcStatus);
    }
    facts.put("flags", ResponseFlag.text(request.flags()));
    put(facts, "details", request.details());
    put(facts, "connection_termination", request.connectionTermination());
    put(facts, "failure", request.upstreamFailure());
    cause(facts, "cause", request.cause());
    cause(facts, "shadow_cause", request.shadowCause());
    facts.put("duration_ms", since(request, request.endNanos()));
    facts.put("bytes_received", request.bytesReceived());
    facts.put("bytes_sent", request.bytesSent());
    facts.put("decisions", decisions(request));
    facts.put("attempts", attempts(request));
    facts.put("configuration", configuration(request));
    return facts;
  }

  /** Those that stand before its route, and why they are not it. */
  private List<Object> passed(RecentRequest request) {
    Headers head = request.head();
    RouteTable table = head == null ? null : routes.apply(request.chain());
    if (head == null || table == null || request.virtualHost().isEmpty()) {
      return List.of();
    }
    Headers asked = head.copy();
    String original = asked.value(HeaderName.X_ENVOY_ORIGINAL_PATH);
    if (original != null) {
      asked.path(original);
    }
    List<Object> passed = new ArrayList<>();
    table
        .passedOver(request.virtualHost(), request.route(), asked)
        .forEach((name, why) -> passed.add(Map.of("route", name, "why", why)));
    return passed;
  }

  private static List<Object> decisions(RecentRequest request) {
    List<Object> decisions = new ArrayList<>();
    for (PolicyDecision each = request.decision(); each != null; each = each.before()) {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("at_ms", since(request, each.nanos()));
      facts.put("what", each.what());
      put(facts, "policy", each.policy());
      put(facts, "limit", each.limit());
      facts.put("outcome", each.outcome().word());
      put(facts, "numbers", each.numbers());
      decisions.add(facts);
    }
    return decisions.reversed();
  }

  private static List<Object> attempts(RecentRequest request) {
    List<Object> attempts = new ArrayList<>();
    for (AttemptInfo each = request.attempt(); each != null; each = each.before) {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("number", each.number);
      facts.put("copy", each.copy);
      facts.put("cluster", each.cluster);
      facts.put("host", each.host);
      put(facts, "span_id", each.spanId);
      facts.put("start_ms", since(request, each.startNanos));
      time(facts, "sent_ms", request, each.sentNanos);
      time(facts, "head_ms", request, each.headNanos);
      time(facts, "end_ms", request, each.endNanos);
      if (each.timeLeftNanos > 0) {
        facts.put("time_left_ms", millis(each.timeLeftNanos));
      }
      if (each.protocol != null) {
        facts.put("protocol", each.protocol.toString());
        facts.put("earlier_requests", each.earlierRequests);
      }
      if (each.status > 0) {
        facts.put("status", each.status);
      }
      put(facts, "grpc_status", each.grpcStatus);
      put(facts, "failure", each.failure);
      attempts.add(facts);
    }
    return attempts.reversed();
  }

  private Map<String, Object> configuration(RecentRequest request) {
    ConfigChanges.Change then = request.config();
    Map<String, Object> facts = change(then);
    facts.put(
        "since", changes.since(then.number()).stream().<Object>map(RequestFacts::change).toList());
    Instant begin = Instant.ofEpochMilli(request.startMillis());
    outages
        .apply(begin, begin.plusNanos(request.endNanos() - request.startNanos()))
        .ifPresent(outage -> facts.put("control_plane_away", outage));
    return facts;
  }

  private static Map<String, Object> change(ConfigChanges.Change change) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("number", change.number());
    facts.put("at", change.at().truncatedTo(ChronoUnit.MILLIS).toString());
    facts.put("resources", change.resources());
    facts.put("count", change.count());
    return facts;
  }

  private static void cause(Map<String, Object> facts, String key, @Nullable Cause cause) {
    if (cause != null) {
      facts.put(key, cause.text());
    }
  }

  private static void time(
      Map<String, Object> facts, String key, RecentRequest request, long nanos) {
    if (nanos != 0) {
      facts.put(key, since(request, nanos));
    }
  }

  private static void put(Map<String, Object> facts, String key, @Nullable String text) {
    if (text != null && !text.isEmpty()) {
      facts.put(key, text);
    }
  }

  private static double since(RecentRequest request, long nanos) {
    return millis(nanos - request.startNanos());
  }

  private static double millis(long nanos) {
    return Math.round(nanos / NANOS_PER_MILLI * 1000) / 1000.0;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
