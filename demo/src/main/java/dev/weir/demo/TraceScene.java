package dev.weir.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** One request, drawn from what each sidecar on its way has logged. */
final class TraceScene implements Scene {
  private static final Pattern LOG = Pattern.compile("(\\w+-\\d+) +\\| \\[sidecar\\] (\\{.*\\}).*");
  private static final List<String> SERVICES = List.of("frontend", "inventory", "payments");

  /** A request as the sidecar of the instance that took it has logged it. */
  private record Span(String instance, String method, String path, String status, String millis) {
    @Override
    public String toString() {
      return "%-12s %s %-8s %s  %4s ms".formatted(instance, method, path, status, millis);
    }
  }

  @Override
  public String name() {
    return "trace";
  }

  @Override
  public String title() {
    return "One request, three apps in three languages, one trace";
  }

  @Override
  public boolean play(Stage stage, Teller teller, Figures figures)
      throws IOException, InterruptedException {
    byte[] id = new byte[24];
    ThreadLocalRandom.current().nextBytes(id);
    String hex = HexFormat.of().formatHex(id);
    String trace = hex.substring(0, 32);
    Answer answer =
        stage
            .caller()
            .get(
                Stage.FRONTEND,
                Map.of(
                    "traceparent",
                    "00-" + trace + "-" + hex.substring(32) + "-01",
                    "x-client",
                    "fay"));
    teller.say("trace %s", trace);
    boolean held =
        Stage.eventually(
            Duration.ofSeconds(5), () -> tookPart(spans(stage, trace)).containsAll(SERVICES));
    List<Span> spans = spans(stage, trace);
    teller.say("shopper-1");
    for (String service : SERVICES) {
      String branch =
          service.equals("frontend") ? "└─ " : service.equals("payments") ? "   └─ " : "   ├─ ";
      spans.stream()
          .filter(span -> span.instance().startsWith(service))
          .forEach(span -> teller.say("%s%s", branch, span));
    }
    return held && answer.ok();
  }

  private static Set<String> tookPart(List<Span> spans) {
    return spans.stream()
        .map(span -> span.instance().substring(0, span.instance().lastIndexOf('-')))
        .collect(Collectors.toSet());
  }

  /** What was taken, not what was sent on: the inbound side. */
  private static List<Span> spans(Stage stage, String trace) throws IOException {
    return stage.logLines(trace).stream()
        .map(LOG::matcher)
        .filter(Matcher::matches)
        .filter(log -> field(log.group(2), "upstream_cluster").startsWith("inbound"))
        .map(log ->
            new Span(
                log.group(1),
                field(log.group(2), "method"),
                field(log.group(2), "path"),
                field(log.group(2), "status"),
                field(log.group(2), "duration_ms")))
        .toList();
  }

  private static String field(String json, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\":(?:\"([^\"]*)\"|([0-9]+))").matcher(json);
    if (!matcher.find()) {
      return "";
    }
    return matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
  }
}
