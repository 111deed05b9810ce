package dev.weir.sidecar.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.ProxyKind.ListenerPorts;
import dev.weir.control.compile.xds.Compiler;
import dev.weir.control.compile.xds.Elsewhere;
import dev.weir.control.compile.xds.OutboundPart;
import dev.weir.control.compile.xds.Streams;
import dev.weir.control.compile.xds.Telemetry;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port;
import dev.weir.control.model.ServicePort;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.resource.ResourceParser;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The chains that the control plane makes of a port that does not say what is spoken on it. */
class UndeclaredPortTest {
  private static final String NAME = "outbound|6379|shop/db";

  private static final List<Streams.Share> BYTES = List.of(new Streams.Share(NAME, 1));

  private static ChainMatcher matcher() {
    var compiled =
        Compiler.outboundListener(
            new ProxyKind(0, ListenerPorts.DEFAULT, Set.of()),
            Telemetry.NONE,
            new Elsewhere(true, new TreeSet<>(), Set.of()),
            List.of(
                new OutboundPart.Chain(
                    new ServicePort(new ObjectName("shop", "db"), 6379),
                    "240.240.0.7",
                    Port.Protocol.AUTO,
                    false,
                    false,
                    new Streams(NAME, BYTES, List.of(), BYTES),
                    Set.of())));
    Listener listener =
        switch (new ResourceParser(FieldPolicy.IGNORE, (resource, fields) -> {})
            .listener(compiled)) {
          case Parsed.Accepted<Listener>(Listener accepted) -> accepted;
          case Parsed.Rejected<Listener> rejected -> throw new AssertionError(rejected);
        };
    return ListenerChains.of(listener);
  }

  @ParameterizedTest
  @CsvSource({
    "raw_buffer, http/1.1, ''",
    "raw_buffer, h2c, ''",
    "raw_buffer, '', |tcp",
    "tls, '', |tls",
    "tls, http/1.1, |tls",
    "tls, h2, |tls"
  })
  void whateverIsSpokenTheServiceHasIt(String transport, String protocol, String chain) {
    LiveChain found =
        matcher()
            .find(
                new ConnectionFacts(
                    new InetSocketAddress("240.240.0.7", 6379),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 40000),
                    "",
                    transport,
                    protocol.isEmpty() ? List.of() : List.of(protocol)));
    assertNotNull(found);
    assertEquals(NAME + chain, found.compiled().name());
  }
}
