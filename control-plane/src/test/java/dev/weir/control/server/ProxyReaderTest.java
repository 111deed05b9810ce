package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weir.control.model.ObjectName;
import io.grpc.StatusException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom a node's metadata may say it is. */
class ProxyReaderTest {
  private static final List<ObjectName> SERVICES = List.of(new ObjectName("shop", "a"));

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.300", "0.0.0.0", "10.0.0", "::1", "localhost"})
  void addressThatNobodyCanCallIsRefused(String address) {
    StatusException refusal =
        assertThrows(
            StatusException.class,
            () -> ProxyReader.read(Nodes.sidecar("x", "a", address), SERVICES));
    assertEquals(
        "node.metadata.WEIR_ADDRESS: \""
            + address
            + "\" is not an IPv4 address that others can call",
        refusal.getStatus().getDescription());
  }

  @Test
  void loopbackIsAnAddressOnThisMachine() throws StatusException {
    assertEquals(
        Optional.of("127.0.0.1"),
        ProxyReader.read(Nodes.sidecar("x", "a", "127.0.0.1"), SERVICES).address());
  }
}
