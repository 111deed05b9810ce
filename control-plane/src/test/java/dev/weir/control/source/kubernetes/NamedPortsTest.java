package dev.weir.control.source.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.model.ObjectName;
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
    assertTrue(add("cart-2", "b", Map.of("web", 9090)));
    assertFalse(add("cart-3", "b", Map.of()));
    assertEquals(2, ports.units().size());
  }

  @Test
  void whatIsRememberedIsBounded() {
    for (int i = 0; i < 5000; i++) {
      add("cart-" + i, "a", Map.of("port-" + i, 8080));
    }
    assertEquals(4096, ports.units().size());
  }
}
