package dev.weir.sidecar.member.names;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Calls to ports that services have not. The namespace tests show that they are refused. */
class PortGuardTest {
  private static final Service INVENTORY =
      new Service(
          "shop",
          "inventory",
          "240.240.1.2",
          List.of(new Service.Port(8080, 80), new Service.Port(9090, 90)));

  private final List<String> said = new ArrayList<>();

  @Test
  void eachPortOfAServiceIsLetThroughAndNoOther() {
    String script = PortGuard.script(List.of(INVENTORY));

    int through =
        script.indexOf("ip daddr 240.240.1.2 meta l4proto tcp tcp dport { 8080, 9090 } return");
    int refused = script.indexOf("ip daddr 240.240.1.2 meta l4proto tcp reject with tcp reset");
    assertTrue(0 < through && through < refused, script);
  }

  @Test
  void aServiceWithoutPortsHasNone() {
    String script =
        PortGuard.script(List.of(new Service("shop", "cart", "240.240.1.3", List.of())));

    assertTrue(!script.contains("dport {"), script);
  }

  @Test
  void whatWasRefusedIsSaidOnce() throws Exception {
    PortGuard guard = new PortGuard(Path.of("/proc/net/snmp"), said::add);
    guard.know(List.of(INVENTORY));
    String list = "elements = { 240.240.1.2 . 8081, 240.240.9.9 . 1 }";

    guard.report(list);
    guard.report(list);

    assertEquals(
        List.of("shop/inventory has no port 8081; it has 8080, 9090: the call is refused"), said);
  }
}
