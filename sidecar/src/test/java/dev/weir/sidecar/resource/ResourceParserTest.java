package dev.weir.sidecar.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.config.Parsed;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ResourceParserTest {
  private static final Cluster CLUSTER =
      Cluster.newBuilder().setName("app").setIgnoreHealthOnHostRemoval(true).build();

  private final List<String> reports = new ArrayList<>();

  @Test
  void byDefaultAFieldWithoutEffectIsReportedOnce() {
    ResourceParser parser = parser(FieldPolicy.WARN);

    assertInstanceOf(Parsed.Accepted.class, parser.cluster(CLUSTER));
    assertInstanceOf(Parsed.Accepted.class, parser.cluster(CLUSTER));

    assertEquals(
        List.of("cluster \"app\" [ignore_health_on_host_removal: is not honoured]"), reports);
  }

  @Test
  void anotherFieldIsReportedAgain() {
    ResourceParser parser = parser(FieldPolicy.WARN);

    parser.cluster(CLUSTER);
    parser.cluster(CLUSTER.toBuilder().setCloseConnectionsOnHostHealthFailure(true).build());

    assertEquals(2, reports.size());
  }

  @Test
  void onRequestItIsRefused() {
    assertEquals(
        new Parsed.Rejected<>("ignore_health_on_host_removal", "is not honoured"),
        parser(FieldPolicy.REJECT).cluster(CLUSTER));
    assertEquals(List.of(), reports);
  }

  @Test
  void onRequestNothingIsSaidOfIt() {
    assertInstanceOf(Parsed.Accepted.class, parser(FieldPolicy.IGNORE).cluster(CLUSTER));
    assertEquals(List.of(), reports);
  }

  private ResourceParser parser(FieldPolicy policy) {
    return new ResourceParser(policy, (resource, fields) -> reports.add(resource + " " + fields));
  }
}
