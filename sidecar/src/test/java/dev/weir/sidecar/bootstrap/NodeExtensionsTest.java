package dev.weir.sidecar.bootstrap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.compile.Extension;
import dev.weir.sidecar.config.bootstrap.WorkloadIdentity;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What this sidecar says that it takes beyond Envoy's messages. */
class NodeExtensionsTest {
  private static final Duration DAY = Duration.ofDays(1);

  private static Set<String> taken(Optional<WorkloadIdentity> identity) {
    return Set.copyOf(NodeParser.parse(Node.getDefaultInstance(), identity).extensions());
  }

  @Test
  void theControlPlaneSendsEachOfThemAndNoOther() {
    Set<String> sent =
        Arrays.stream(Extension.values()).map(Extension::typeUrl).collect(Collectors.toSet());
    WorkloadIdentity identity =
        new WorkloadIdentity(
            "ca", "spiffe://mesh.test/ns/shop/sa/cart", "root", Optional.empty(), DAY, "ca");
    assertEquals(sent, taken(Optional.of(identity)));
    sent.remove(Extension.WORKLOAD_IDENTITY.typeUrl());
    assertEquals(sent, taken(Optional.empty()));
  }
}
