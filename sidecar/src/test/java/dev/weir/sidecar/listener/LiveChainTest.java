package dev.weir.sidecar.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.listener.FilterChain;
import dev.weir.sidecar.rbac.Call;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.testkit.Resources;
import dev.weir.sidecar.transport.TransportSocket;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LiveChainTest {
  private static final String ANYONE = "";
  private static final String FROM_TEN_ONLY =
      """
          - name: rbac
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC
              stat_prefix: in
              rules: {action: ALLOW, policies: {shop/a: {permissions: [{any: true}], principals: [{direct_remote_ip: {address_prefix: 10.0.0.0, prefix_len: 8}}]}}}
      """;

  private final LiveChain chain = new LiveChain(chain(ANYONE), new Stats(1));

  private static CompiledListener.Chain chain(String rbac) {
    return chain(rbac, "cluster: app");
  }

  /**
   * @param proxy a field of the {@code tcp_proxy}
   */
  private static CompiledListener.Chain chain(String rbac, String proxy) {
    FilterChain parsed =
        Resources.listener(
                """
                name: in
                address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                filter_chains:
                - name: relay
                  filters:
                %s
                    - name: tcp
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                        stat_prefix: in
                        %s
                """
                    .formatted(rbac, proxy))
            .filterChains()
            .getFirst();
    return new CompiledListener.Chain(
        parsed.name(),
        parsed.match(),
        parsed.access(),
        parsed.filter(),
        TransportSocket.PLAIN,
        Duration.ZERO,
        List.of(),
        Optional.empty());
  }

  private static Call from(String address) {
    return new Call(
        null,
        new InetSocketAddress(address, 40_000),
        new InetSocketAddress("10.0.0.9", 5432),
        null,
        null);
  }

  @Test
  void relayOfWhoMayNoLongerConnectIsClosedAndOthersStay() {
    EmbeddedChannel ours = new EmbeddedChannel();
    EmbeddedChannel other = new EmbeddedChannel();
    chain.relayOpened(ours, from("10.0.0.1"));
    Runnable gone = chain.relayOpened(other, from("11.0.0.1"));
    chain.become(chain(FROM_TEN_ONLY));
    ours.runPendingTasks();
    other.runPendingTasks();
    assertTrue(ours.isOpen());
    assertFalse(other.isOpen());
    assertEquals(2, chain.connections());
    gone.run();
    assertEquals(1, chain.connections());
  }

  @Test
  void relayThatWasAllowedByRulesThatAreReplacedIsClosedWhenItBegins() {
    chain.become(chain(FROM_TEN_ONLY));
    EmbeddedChannel allowedBefore = new EmbeddedChannel();
    chain.relayOpened(allowedBefore, from("11.0.0.1"));
    allowedBefore.runPendingTasks();
    assertFalse(allowedBefore.isOpen());
  }

  @Test
  void otherLogsAreNoReasonToEndRelays() {
    String log =
        "access_log: [{name: out, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog}}]";
    assertTrue(chain.canBecome(chain("", "cluster: app\n        " + log)));
    assertFalse(chain.canBecome(chain("", "cluster: other")));
    assertFalse(chain.canBecome(chain("", "cluster: app\n        idle_timeout: 5s")));
  }
}
