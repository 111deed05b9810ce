package dev.weir.sidecar.telemetry.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.config.bootstrap.Node;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who a workload is. */
class WorkloadTest {
  private static Workload of(Map<String, Object> metadata) {
    return Workload.of(new Node("id", "cluster", metadata, List.of()));
  }

  @Test
  void identityNamesNamespaceAndAccount() {
    assertEquals(new Workload("cart", "shop"), Workload.of("spiffe://mesh/ns/shop/sa/cart"));
  }

  @Test
  void whatIsNoIdentityOfTheMeshIsUnknown() {
    assertEquals(Workload.UNKNOWN, Workload.of(""));
    assertEquals(Workload.UNKNOWN, Workload.of("spiffe://mesh/cart"));
    assertEquals(Workload.UNKNOWN, Workload.of("spiffe://mesh/ns/shop"));
    assertEquals(Workload.UNKNOWN, Workload.of("spiffe://mesh/sa/cart/ns/shop"));
  }

  @Test
  void ownIdentityIsBelievedBeforeNames() {
    assertEquals(
        new Workload("account", "shop"),
        of(Map.of(Node.IDENTITY, "spiffe://mesh/ns/shop/sa/account", "WEIR_SERVICE", "cart")));
    assertEquals(
        new Workload("cart", "shop"), of(Map.of("WEIR_SERVICE", "cart", "WEIR_NAMESPACE", "shop")));
    assertEquals(new Workload("cluster", "unknown"), of(Map.of()));
  }
}
