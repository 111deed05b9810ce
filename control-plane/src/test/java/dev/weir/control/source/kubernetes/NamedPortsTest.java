package dev.weir.control.source.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.model.ObjectName;
import dev.weir.control.source.Unit;
import dev.weir.control.source.resource.Resource;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NamedPortsTest {
  private final NamedPorts ports = new NamedPorts();

  private boolean add(String pod, String version, Map<String, Integer> named) {
    return ports.add(
        new ObjectName("shop", pod), Map.of("app", "cart", "pod-template-hash", version), named);
  }

  @Test
  void podsThatAreAlikeAreOne() {
    assertTrue(add("cart-0", "a", Map.of("web", 8080)));
    assertFalse(add("cart-1", "b", Map.of("web", 8080)));
    assertFalse(add("cart-2", "b", Map.of()));
    assertEquals(1, ports.units().size());
  }

  @Test
  void lastOneCountsWhereAPortHasMoved() {
    assertTrue(add("cart-0", "a", Map.of("web", 8080)));
    assertTrue(add("cart-1", "b", Map.of("web", 9090)));
    Unit unit = ports.units().values().iterator().next();
    Resource.OfWorkload pods = (Resource.OfWorkload) unit.resources().getFirst();
    assertEquals(Map.of("web", 9090), pods.ports());
    assertEquals(1, ports.units().size());
  }

  @Test
  void whatIsRememberedIsBounded() {
    for (int i = 0; i < 5000; i++) {
      ports.add(
          new ObjectName("shop", "cart-" + i), Map.of("app", "cart-" + i), Map.of("web", 8080));
    }
    assertEquals(4096, ports.units().size());
  }
}
