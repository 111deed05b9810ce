package dev.weir.sidecar.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.testkit.Resources;
import dev.weir.testkit.Cases;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Each file of {@code src/test/resources/filter-chain-match} has chains, besides the default one,
 * and connections with the chain that each must find, by the order that Envoy documents:
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/config/listener/v3/listener_components.proto
 */
class ChainMatcherTest {
  private static final String TCP =
      "filters: [{name: tcp, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: c}}]";

  @TestFactory
  Stream<DynamicTest> chainOfAConnectionIsTheOneThatTheOrderFinds() {
    return Cases.of("filter-chain-match", ChainMatcherTest::check);
  }

  private static void check(String text, Mapping file) {
    ChainMatcher matcher = matcher(text);
    for (YamlNode each : Cases.items(file, "connections")) {
      Mapping connection = (Mapping) each;
      ConnectionFacts facts =
          new ConnectionFacts(
              address(Cases.text(connection, "to", "")),
              address(Cases.text(connection, "from", "9.9.9.9:9")),
              Cases.text(connection, "server_name", "").toLowerCase(Locale.ROOT),
              Cases.text(connection, "transport", "raw_buffer"),
              Stream.of(Cases.text(connection, "protocol", "").split(","))
                  .filter(protocol -> !protocol.isEmpty())
                  .toList());
      LiveChain found = matcher.find(facts);
      assertNotNull(found, facts.toString());
      assertEquals(
          Cases.text(connection, "chain", ""), found.compiled().name(), () -> facts.toString());
    }
  }

  /** The file's chains become a listener's, each with a relay as its filter. */
  private static ChainMatcher matcher(String text) {
    StringBuilder chains = new StringBuilder();
    text.lines()
        .dropWhile(line -> !line.equals("chains:"))
        .skip(1)
        .takeWhile(line -> line.startsWith("- "))
        .forEach(line ->
            chains.append(line, 0, line.lastIndexOf('}')).append(", ").append(TCP).append("}\n"));
    Listener listener =
        Resources.listener(
            "name: in\naddress: {socket_address: {address: 127.0.0.1, port_value: 0}}\n"
                + "filter_chains:\n"
                + chains
                + "default_filter_chain: {name: default, "
                + TCP
                + "}\n");
    return ListenerChains.of(listener);
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(
        text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }
}
