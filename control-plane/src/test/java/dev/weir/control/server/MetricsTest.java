package dev.weir.control.server;

import static dev.weir.control.compile.xds.ResourceType.CLUSTER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.TestControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a control plane tells Prometheus, over HTTP. */
class MetricsTest {
  /** A line of the text format. */
  private static final Pattern LINE =
      Pattern.compile(
          "# (HELP|TYPE) .*|[a-z_:][a-z0-9_:]*(\\{([a-z_]+=\"[^\"]*\",?)*\\})? [-+0-9.eEInfNa]+");

  @TempDir Path folder;
  private TestControlPlane controlPlane;

  @SuppressWarnings("NullAway.Init")
  MetricsTest() {}

  @BeforeEach
  void start() throws IOException {
    TestControlPlane.services(folder, "frontend", "inventory");
    controlPlane = new TestControlPlane(folder);
  }

  @AfterEach
  void stop() throws IOException {
    controlPlane.close();
  }

  private DeltaClient client(String service) {
    return new DeltaClient(
        controlPlane.channel(), Nodes.sidecar(service + "-1", service, "10.0.0.1"));
  }

  private double value(String metric) {
    return controlPlane
        .metrics()
        .lines()
        .filter(line -> line.startsWith(metric + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + metric));
  }

  private void await(String metric, double value) {
    long end = System.nanoTime() + 20_000_000_000L;
    while (value(metric) != value) {
      assertTrue(System.nanoTime() < end, () -> metric + " is " + value(metric));
    }
  }

  @Test
  void everyLineIsOfTheFormatAndEveryMetricIsExplained() {
    String page = controlPlane.metrics();
    List<String> wrong = page.lines().filter(line -> !LINE.matcher(line).matches()).toList();
    assertEquals(List.of(), wrong);
    for (String name : List.of("weir_build_info", "weir_mistakes_total", "jvm_memory_used_bytes")) {
      assertTrue(page.contains("# HELP " + name + " "), name);
    }
    assertEquals(0, value("weir_mistakes_total"));
    assertEquals(0, value("weir_xds_responses_total{type=\"cluster\"}"));
  }

  @Test
  void responsesAndTheirAnswersAreCounted() {
    try (DeltaClient well = client("frontend");
        DeltaClient other = client("inventory")) {
      well.subscribe(CLUSTER);
      well.nextAcked(CLUSTER);
      await("weir_proxies{state=\"in sync\"}", 1);
      await("weir_xds_acknowledgement_seconds_count", 1);
      other.subscribe(CLUSTER);
      other.nack(other.next(CLUSTER), "not this one");
      await("weir_proxies{state=\"refused\"}", 1);
      assertEquals(1, value("weir_xds_rejections_total{type=\"cluster\"}"));
      assertEquals(2, value("weir_xds_responses_total{type=\"cluster\"}"));
      assertEquals(1, value("weir_proxies{state=\"in sync\"}"));
      assertEquals(0, value("weir_proxies{state=\"out of sync\"}"));
    }
    await("weir_proxies{state=\"in sync\"}", 0);
  }

  @Test
  void whatIsReadAndWhatIsWrongWithItAreCounted() throws IOException {
    assertEquals(2, value("weir_resources{kind=\"Service\"}"));
    double rounds = value("weir_xds_round_seconds_count");
    TestControlPlane.timeout(folder, "inventory", "5 s");
    await("weir_findings{level=\"error\"}", 1);
    TestControlPlane.timeout(folder, "inventory", "5s");
    await("weir_findings{level=\"error\"}", 0);
    assertEquals(1, value("weir_resources{kind=\"ResiliencePolicy\"}"));
    await("weir_xds_round_seconds_count", rounds + 1);
  }

  /** So that a metric that comes, goes or changes its name is seen, and told to who has alerts. */
  @Test
  void everyMetricIsInTheDocumentation() throws IOException {
    TreeSet<String> told = new TreeSet<>();
    Pattern.compile("`(weir_[a-z_]+)")
        .matcher(Files.readString(Path.of("../docs/control-plane.md")))
        .results()
        .forEach(found -> told.add(found.group(1)));
    TreeSet<String> known = new TreeSet<>();
    controlPlane
        .metrics()
        .lines()
        .filter(line -> line.startsWith("# TYPE weir_"))
        .forEach(line -> known.add(line.split(" ")[2]));
    assertFalse(known.isEmpty());
    known.addAll(
        List.of(
            // Of a cluster, and of a CA: ClusterTest has them.
            "weir_admission_reviews_total",
            "weir_ca_not_after_timestamp_seconds",
            "weir_certificates_issued_total",
            "weir_certificates_refused_total",
            "weir_leader"));
    assertEquals(known, told);
  }
}
