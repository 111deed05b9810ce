package dev.weir.sidecar.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.config.SocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketAddressesTest {
  /** So that where an attempt went is found where another sidecar was called. */
  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1", "::1", "2001:db8::7"})
  void addressIsWrittenAsItsConfigurationIs(String host) {
    SocketAddress.Ip address = new SocketAddress.Ip(host, 80);
    assertEquals(address.toString(), SocketAddresses.text(SocketAddresses.of(address)));
  }
}
