package dev.weir.control.cli.migrate.istio.networking;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Texts;
import dev.weir.control.model.schema.Span;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Istio's HTTPRetry as the {@code retry} of a ResiliencePolicy. */
final class RetryOn {
  /** What Istio retries on where nothing is written. */
  private static final String DEFAULT = "connect-failure,refused-stream,unavailable,cancelled,503";

  private static final Map<String, String> CONDITIONS =
      Map.ofEntries(
          Map.entry("5xx", "ServerError"),
          Map.entry("gateway-error", "GatewayError"),
          Map.entry("reset", "Reset"),
          Map.entry("reset-before-request", "ResetBeforeRequest"),
          Map.entry("connect-failure", "ConnectFailure"),
          Map.entry("refused-stream", "RefusedStream"),
          Map.entry("cancelled", "GrpcCancelled"),
          Map.entry("deadline-exceeded", "GrpcDeadlineExceeded"),
          Map.entry("internal", "GrpcInternal"),
          Map.entry("resource-exhausted", "GrpcResourceExhausted"),
          Map.entry("unavailable", "GrpcUnavailable"));

  private static final int MOST = 10;

  private final Report report;

  RetryOn(Report report) {
    this.report = report;
  }

  Map<String, Object> retry(Fields retries) {
    retries.ignore("retryIgnorePreviousHosts", "retryRemoteLocalities");
    int attempts = retries.number("attempts").orElse(2);
    if (attempts > MOST) {
      retries.note("attempts", "becomes " + MOST + ", which is the most");
    }
    Set<Integer> codes = new LinkedHashSet<>();
    List<String> conditions = new ArrayList<>();
    for (String word : retries.text("retryOn").orElse(DEFAULT).split(",")) {
      String token = word.strip();
      String condition = CONDITIONS.get(token);
      if (condition != null) {
        conditions.add(condition);
      } else if (token.equals("retriable-4xx")) {
        codes.add(409); // the one that Envoy means
      } else if (token.matches("[45][0-9]{2}")) {
        codes.add(Integer.valueOf(token));
      } else if (token.equals("retriable-status-codes")) {
        codes.add(503);
      } else if (!token.isEmpty()) {
        report.without(
            retries.at(),
            retries.path().field("retryOn"),
            "no failure is told apart that is called \"" + token + "\"");
      }
    }
    Map<String, Object> retry =
        Output.fields(
            "attempts",
            Math.min(attempts, MOST),
            "codes",
            List.copyOf(codes),
            "conditions",
            conditions.stream().distinct().toList(),
            "methods",
            "Any");
    retries
        .text("backoff")
        .flatMap(Texts::parse)
        .ifPresent(base ->
            retry.put(
                "backoff",
                Output.fields("base", Span.print(base), "max", Span.print(base.multipliedBy(10)))));
    return retry;
  }
}
