package dev.weir.sidecar.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ResolvConfTest {
  private static final ResolvConf POD =
      ResolvConf.parse(
          """
          # as the kubelet writes it
          search shop.svc.cluster.local svc.cluster.local.  cluster.local
          nameserver 10.96.0.10
          nameserver fd00::a
          options ndots:5 timeout:1
          """
              .lines()
              .toList());

  @Test
  void namesServersAndDomains() {
    assertEquals(
        List.of(
            NetworkNames.socketAddress("10.96.0.10", 53),
            NetworkNames.socketAddress("fd00::a", 53)),
        POD.servers());
    assertEquals(
        List.of("shop.svc.cluster.local", "svc.cluster.local", "cluster.local"), POD.search());
    assertEquals(5, POD.ndots());
  }

  @Test
  void shortNameIsTriedInEachDomainFirst() {
    assertEquals(
        List.of(
            "cart.shop.svc.cluster.local", "cart.svc.cluster.local", "cart.cluster.local", "cart"),
        POD.candidates("cart"));
  }

  @Test
  void nameWithEnoughDotsIsTriedAsItIsFirst() {
    assertEquals(
        List.of("a.b.c", "a.b.c.test"),
        ResolvConf.parse(List.of("search test", "options ndots:2")).candidates("a.b.c"));
  }

  @Test
  void nameWithADotAtItsEndIsTriedAsItIsAlone() {
    assertEquals(List.of("cart.test."), POD.candidates("cart.test."));
  }

  @Test
  void candidateThatIsTooLongIsLeftOut() {
    String name = "a.".repeat(120) + "b";
    assertEquals(List.of(name), POD.candidates(name));
  }

  @Test
  void fileThatIsNotThereMeansAServerOnThisMachine() {
    ResolvConf none = ResolvConf.read(Path.of("/nowhere/resolv.conf"));
    assertEquals(List.of(NetworkNames.socketAddress("127.0.0.1", 53)), none.servers());
    assertEquals(List.of("cart"), none.candidates("cart"));
  }
}
