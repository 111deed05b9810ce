package dev.weir.control.cli.migrate.linkerd;

import dev.weir.control.cli.migrate.linkerd.Servers.Server;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.model.ObjectName;
import java.util.List;
import java.util.Optional;

/** Linkerd's HTTPLocalRateLimitPolicy: a RateLimitPolicy of the Services that its Server is of. */
final class RateLimits {
  private static final String OF_CALLERS =
      "limits are of all callers, or of each value of a header or address; whom it limits is not";

  private final Servers servers;
  private final Report report;
  private final Output output;

  RateLimits(Servers servers, Report report, Output output) {
    this.servers = servers;
    this.report = report;
    this.output = output;
  }

  void translate(ObjectName name, Fields spec) {
    spec.without("identity", OF_CALLERS);
    spec.without("overrides", OF_CALLERS);
    Optional<Fields> target = spec.map("targetRef");
    target.ifPresent(ref -> ref.ignore("group", "kind", "namespace"));
    Optional<Server> server =
        target
            .flatMap(ref -> ref.text("name"))
            .flatMap(of -> servers.named(new ObjectName(name.namespace(), of)));
    Optional<Integer> rate = spec.map("total").flatMap(total -> total.number("requestsPerSecond"));
    if (server.isEmpty()) {
      report.wrong(
          spec.at(),
          spec.path().field("targetRef"),
          "is left out: there is no such Server among what is translated");
    } else if (!server.get().ofRequests()) {
      report.wrong(
          spec.at(),
          spec.path().field("targetRef"),
          "is left out: limits are of requests, and what comes there passes as TCP");
    } else if (rate.filter(each -> each > 0).isPresent()) {
      output.policy(
          "RateLimitPolicy",
          name,
          server.get().refs(),
          Output.fields(
              "limits",
              List.of(
                  Output.fields("name", "total", "scope", "Replica", "rate", rate.get() + "/s"))));
    }
  }
}
