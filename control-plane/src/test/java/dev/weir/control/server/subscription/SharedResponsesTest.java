package dev.weir.control.server.subscription;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.snapshot.Versioned;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SharedResponsesTest {
  private final SharedResponses shared = new SharedResponses();
  private final Change news = new Change(List.of(resource("a")), List.of());
  private long nonces;

  private static Versioned resource(String name) {
    return new Versioned(Resource.newBuilder().setName(name).build(), Map.of(), 1, Set.of());
  }

  private DeltaDiscoveryResponse of(Change change, String version, String zone) {
    return shared.of(
        ResourceType.ENDPOINTS,
        version,
        change,
        zone,
        nonce -> false,
        () ->
            DeltaDiscoveryResponse.newBuilder()
                .setNonce(Long.toString(++nonces))
                .setSystemVersionInfo(zone)
                .build());
  }

  @Test
  void clientsOfSeveralZonesByTurnsAreSentOneOfEachZone() {
    DeltaDiscoveryResponse east = of(news, "1", "east");
    DeltaDiscoveryResponse west = of(news, "1", "west");
    assertNotSame(east, west);
    assertSame(east, of(news, "1", "east"));
    assertSame(west, of(news, "1", "west"));
  }

  @Test
  void anotherVersionAnotherResourceAndAnotherNameThatIsGoneAreAnother() {
    DeltaDiscoveryResponse first = of(news, "1", "");
    assertNotSame(first, of(news, "2", ""));
    DeltaDiscoveryResponse second = of(news, "2", "");
    assertNotSame(second, of(new Change(List.of(resource("a")), List.of()), "2", ""));
    assertNotSame(second, of(new Change(news.changed(), List.of("b")), "2", ""));
  }

  @Test
  void whatIsLargeIsMadeForEach() {
    Change all = new Change(Collections.nCopies(17, resource("a")), List.of());
    assertNotSame(of(all, "1", ""), of(all, "1", ""));
  }

  @Test
  void zonesThatClientsMakeUpAreForgotten() {
    DeltaDiscoveryResponse east = of(news, "1", "east");
    for (int i = 0; i < 16; i++) {
      of(news, "1", "made-up-" + i);
    }
    assertNotSame(east, of(news, "1", "east"));
  }
}
