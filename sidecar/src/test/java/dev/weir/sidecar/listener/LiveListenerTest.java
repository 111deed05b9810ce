package dev.weir.sidecar.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.testkit.Resources;
import dev.weir.sidecar.transport.TransportSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LiveListenerTest {
  private final Stats stats = new Stats(1);

  private static CompiledListener compiled() {
    Listener listener =
        Resources.listener(
            """
            name: in
            address: {socket_address: {address: 127.0.0.1, port_value: 0}}
            filter_chains:
            - name: relay
              filters:
              - name: tcp
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                  stat_prefix: in
                  cluster: app
            """);
    return new CompiledListener(
        listener,
        listener.filterChains().stream()
            .map(chain ->
                new CompiledListener.Chain(
                    chain.name(),
                    chain.match(),
                    chain.access(),
                    chain.filter(),
                    TransportSocket.PLAIN,
                    Duration.ZERO,
                    List.of(),
                    Optional.empty()))
            .toList(),
        Optional.empty());
  }

  @Test
  void theSameConfigurationLeavesItsMatcherAsItIs() {
    CompiledListener compiled = compiled();
    LiveListener live = new LiveListener(compiled, stats);
    ChainMatcher matcher = live.matcher();
    assertEquals(List.of(), List.copyOf(live.update(compiled)));
    assertSame(matcher, live.matcher());

    live.update(compiled());
    assertNotSame(matcher, live.matcher());
    assertSame(matcher.all().getFirst(), live.matcher().all().getFirst());
  }
}
