package dev.weir.control.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.model.ObjectName;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the pages of all control planes come to. */
class MeshStatusTest {
  private static final String PROXY =
      """
      {"node": "%s", "service": "shop/cart", "address": "10.0.0.1", "inSync": %s, "notEnforced": [],
       "types": {"cluster": {"state": "%s", "target": "2", "sent": "2", "acked": "%s"%s}}}
      """;

  private static final WeirPod FIRST = pod("weir-system", "control-plane-1");
  private static final WeirPod SECOND = pod("weir-system", "control-plane-2");
  private static final WeirPod CART = pod("shop", "cart-0");
  private static final WeirPod STOCK = pod("shop", "stock-0");

  private static WeirPod pod(String namespace, String name) {
    return new WeirPod(new ObjectName(namespace, name), "1.0", Optional.empty(), true);
  }

  private static String inSync(String node) {
    return PROXY.formatted(node, "true", "in force", "2", "");
  }

  private static String behind(String node) {
    return PROXY.formatted(node, "false", "sent, not answered yet", "1", "");
  }

  private static PodPages pages(Map<WeirPod, String> pages) {
    return (pod, port, path) -> {
      assertEquals(PodPages.CONTROL_PLANE, port);
      assertEquals("/proxies", path);
      for (Map.Entry<WeirPod, String> page : pages.entrySet()) {
        if (page.getKey().name().equals(pod)) {
          return "[" + page.getValue() + "]";
        }
      }
      throw new IOException("connection refused");
    };
  }

  @Test
  void proxyIsFoundAtWhicheverControlPlaneHasIt() {
    MeshStatus status =
        MeshStatus.of(
            List.of(FIRST, SECOND),
            List.of(CART, STOCK),
            pages(Map.of(FIRST, inSync("cart-0.shop"), SECOND, inSync("stock-0.shop"))),
            Optional.empty());
    assertTrue(status.well());
    assertEquals(
        List.of("control-plane-1", "control-plane-2"),
        status.sidecars().stream()
            .map(one -> one.connection().orElseThrow().controlPlane())
            .toList());
  }

  @Test
  void proxyThatHasMovedIsTakenAsTheOneItAnswers() {
    MeshStatus status =
        MeshStatus.of(
            List.of(FIRST, SECOND),
            List.of(CART),
            pages(Map.of(FIRST, inSync("cart-0.shop"), SECOND, behind("cart-0.shop"))),
            Optional.empty());
    assertTrue(status.sidecars().getFirst().well());
  }

  @Test
  void podWithoutAConnectionIsNotWell() {
    MeshStatus status =
        MeshStatus.of(List.of(FIRST), List.of(CART), pages(Map.of(FIRST, "")), Optional.empty());
    assertFalse(status.well());
    assertTrue(status.sidecars().getFirst().connection().isEmpty());
  }

  @Test
  void controlPlaneThatDoesNotAnswerIsNamedAndTheOthersCount() {
    MeshStatus status =
        MeshStatus.of(
            List.of(FIRST, SECOND),
            List.of(CART),
            pages(Map.of(SECOND, inSync("cart-0.shop"))),
            Optional.empty());
    assertFalse(status.well());
    assertEquals(Optional.of("connection refused"), status.controlPlanes().getFirst().silence());
    assertTrue(status.sidecars().getFirst().well());
  }

  @Test
  void proxyOfNoPodIsShownUnlessItIsOfAnotherNamespace() {
    PodPages pages = pages(Map.of(FIRST, inSync("machine-7")));
    assertEquals(
        "machine-7",
        MeshStatus.of(List.of(FIRST), List.of(), pages, Optional.empty())
            .sidecars()
            .getFirst()
            .name());
    assertEquals(
        List.of(),
        MeshStatus.of(List.of(FIRST), List.of(), pages, Optional.of("other")).sidecars());
  }

  @Test
  void refusalHasItsReasonAndWhatItFollowsFrom() throws IOException {
    Connection connection =
        Connection.of(
                "control-plane-1",
                "["
                    + PROXY.formatted(
                        "cart-0.shop",
                        "false",
                        "refused",
                        "1",
                        """
                        , "nacked": {"version": "2", "resources": ["a"], "reason": "a: lb_policy: no",
                          "at": "2026-01-02T03:04:05Z", "followsFrom": ["ResiliencePolicy shop/cart"]}
                        """)
                    + "]")
            .getFirst();
    Connection.TypeState state = Objects.requireNonNull(connection.types().get("cluster"));
    assertEquals("a: lb_policy: no", state.refusal());
    assertEquals(List.of("ResiliencePolicy shop/cart"), state.followsFrom());
    assertFalse(state.inForce());
  }

  @Test
  void versionIsOfWhatWasAccepted() throws IOException {
    Connection one = Connection.of("a", "[" + inSync("x") + "]").getFirst();
    Connection same = Connection.of("b", "[" + inSync("y") + "]").getFirst();
    Connection other = Connection.of("a", "[" + behind("x") + "]").getFirst();
    assertEquals(one.version(), same.version());
    assertFalse(one.version().equals(other.version()));
  }

  @Test
  void versionOfAPodIsItsImagesTag() {
    assertEquals("0.1.0", WeirPod.version("weir-sidecar:0.1.0"));
    assertEquals("0.1.0", WeirPod.version("registry.example:5000/a/weir-sidecar:0.1.0@sha256:abc"));
    assertEquals("latest", WeirPod.version("registry.example:5000/a/weir-sidecar"));
    assertEquals(
        "sha256:0123456789ab", WeirPod.version("weir-sidecar@sha256:0123456789abcdef0123"));
  }
}
