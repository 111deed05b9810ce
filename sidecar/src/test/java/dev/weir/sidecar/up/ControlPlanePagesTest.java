package dev.weir.sidecar.up;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the control plane's pages tell. */
class ControlPlanePagesTest {
  @Test
  void refusalHasItsReason() throws IOException {
    ControlPlanePages.Proxy proxy =
        ControlPlanePages.proxies(
                """
                [{"node": "cart-1", "service": "shop/cart", "address": "10.88.0.2", "inSync": false,
                  "readyPorts": ["8080"], "types": {
                  "cluster": {"state": "refused", "nacked": {"reason": "a: lb_policy: no"}},
                  "listener": {"state": "in force"}}}]
                """)
            .getFirst();
    assertEquals(
        Map.of("cluster", "refused: a: lb_policy: no", "listener", "in force"), proxy.types());
  }
}
