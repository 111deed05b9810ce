package dev.weir.sidecar.listener;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;

/**
 * What is known of a connection when its chain is looked for. An address that is no IP address has
 * no bytes and port 0. Nobody changes the arrays.
 */
final class ConnectionFacts {
  private static final byte[] NONE = {};
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final byte[] LOOPBACK_6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

  private final byte[] destinationIp;
  private final int destinationPort;
  private final byte[] sourceIp;
  private final int sourcePort;
  private final boolean local;
  private final String serverName;
  private final String transportProtocol;
  private final List<String> protocols;

  /**
   * @param serverName in lower case; empty if the first bytes name none, or were not looked at
   * @param transportProtocol {@code tls} or {@code raw_buffer}
   * @param protocols what its first bytes say, {@code http/1.1} or {@code h2c}, or what its
   *     ClientHello offers, in that order; empty if they say nothing or were not looked at
   */
  ConnectionFacts(
      SocketAddress destination,
      SocketAddress source,
      String serverName,
      String transportProtocol,
      List<String> protocols) {
    this.destinationIp = ip(destination);
    this.destinationPort = port(destination);
    this.sourceIp = ip(source);
    this.sourcePort = port(source);
    this.local =
        !(source instanceof InetSocketAddress)
            || Arrays.equals(destinationIp, sourceIp)
            || isLoopback(sourceIp);
    this.serverName = serverName;
    this.transportProtocol = transportProtocol;
    this.protocols = protocols;
  }

  /** One address of each family, as Envoy has it: 127.0.0.2 is not it (network/utility.cc). */
  private static boolean isLoopback(byte[] ip) {
    return Arrays.equals(ip, LOOPBACK) || Arrays.equals(ip, LOOPBACK_6);
  }

  byte[] destinationIp() {
    return destinationIp;
  }

  int destinationPort() {
    return destinationPort;
  }

  byte[] sourceIp() {
    return sourceIp;
  }

  int sourcePort() {
    return sourcePort;
  }

  /**
   * It comes from this machine: from 127.0.0.1 or ::1, from the address it goes to, or over a Unix
   * domain socket.
   */
  boolean local() {
    return local;
  }

  String serverName() {
    return serverName;
  }

  String transportProtocol() {
    return transportProtocol;
  }

  List<String> protocols() {
    return protocols;
  }

  private static byte[] ip(SocketAddress address) {
    InetAddress ip = address instanceof InetSocketAddress inet ? inet.getAddress() : null;
    return ip == null ? NONE : ip.getAddress();
  }

  private static int port(SocketAddress address) {
    return address instanceof InetSocketAddress inet ? inet.getPort() : 0;
  }

  @Override
  public String toString() {
    return Arrays.toString(sourceIp)
        + ":"
        + sourcePort
        + " to "
        + Arrays.toString(destinationIp)
        + ":"
        + destinationPort
        + " "
        + transportProtocol
        + " "
        + serverName
        + " "
        + protocols;
  }
}
