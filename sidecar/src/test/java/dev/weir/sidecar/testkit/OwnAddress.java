package dev.weir.sidecar.testkit;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import org.junit.jupiter.api.Assumptions;

/** An address of this machine that is not loopback's: who calls from it is a stranger. */
public final class OwnAddress {
  private OwnAddress() {}

  /** Skips the test where the machine has none, in a network namespace without a link. */
  public static InetAddress notLoopback() throws SocketException {
    InetAddress found =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(each -> each instanceof Inet4Address && !each.isLoopbackAddress())
            .findFirst()
            .orElse(null);
    Assumptions.assumeTrue(found != null, "this machine has loopback's addresses alone");
    return found;
  }
}
