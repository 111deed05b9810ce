package dev.weir.control.cli.migrate.istio.networking;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Texts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Istio's CorsPolicy as the CORS filter of Gateway API. */
final class CorsPolicies {
  private final Report report;

  CorsPolicies(Report report) {
    this.report = report;
  }

  Optional<Map<String, Object>> filter(Fields policy) {
    Map<String, Object> cors = Output.fields();
    List<String> origins = new ArrayList<>(policy.texts("allowOrigin"));
    for (Fields origin : policy.maps("allowOrigins")) {
      origin.text("exact").ifPresent(origins::add);
      if (origin.text("regex").filter(".*"::equals).isPresent()) {
        origins.add("*");
      } else {
        origin.without("regex", "an origin is written out, or has * in its host");
      }
      origin.without("prefix", "an origin is written out, or has * in its host");
    }
    put(cors, "allowOrigins", origins.contains("*") ? List.of("*") : origins);
    if (policy.flag("allowCredentials")) {
      cors.put("allowCredentials", true);
    }
    put(cors, "allowMethods", policy.texts("allowMethods"));
    put(cors, "allowHeaders", policy.texts("allowHeaders"));
    put(cors, "exposeHeaders", policy.texts("exposeHeaders"));
    policy
        .text("maxAge")
        .ifPresent(text -> {
          Optional<Duration> age = Texts.parse(text);
          if (age.isPresent()) {
            cors.put("maxAge", (int) Math.max(1, age.get().toSeconds()));
          } else {
            report.wrong(
                policy.at(), policy.path().field("maxAge"), "\"" + text + "\" is no duration");
          }
        });
    if (policy.text("unmatchedPreflights").filter("IGNORE"::equals).isEmpty()) {
      policy.without("unmatchedPreflights", "preflights are answered, of any origin");
    }
    return Optional.of(Output.fields("type", "CORS", "cors", cors));
  }

  private static void put(Map<String, Object> cors, String field, List<String> values) {
    if (!values.isEmpty()) {
      cors.put(field, List.copyOf(values));
    }
  }
}
