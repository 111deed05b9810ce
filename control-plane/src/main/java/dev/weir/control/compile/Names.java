package dev.weir.control.compile;

import dev.weir.control.model.Addresses;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.ServicePort;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The names of resources, which the parts refer to each other by. */
public final class Names {
  public static final String OUTBOUND_LISTENER = "outbound";
  public static final String INBOUND_LISTENER = "inbound";
  public static final String PASSTHROUGH = "passthrough";
  public static final String INBOUND_PASSTHROUGH = "inbound-passthrough";

  private Names() {}

  /** Chain, routes and cluster of calls to a port. */
  public static String outbound(ServicePort port) {
    return "outbound|" + port.port() + "|" + port.service();
  }

  /** Of calls to a port of which nobody says what it is, by bytes, where TLS tells which. */
  public static String outboundBytes(ServicePort port) {
    return outbound(port) + "|tcp";
  }

  /** Of connections to a port that are to be closed: no instance is there. */
  public static String outboundNowhere(ServicePort port) {
    return outbound(port) + "|nowhere";
  }

  /** What a sidecar asks for that sees a call to it. */
  public static String destination(String address, int port) {
    return address + ":" + port;
  }

  /** Whether it is what a sidecar may ask for. */
  public static boolean isDestination(String name) {
    int colon = name.lastIndexOf(':');
    return colon > 0
        && Addresses.isIpv4(name.substring(0, colon))
        && Addresses.isPort(name.substring(colon + 1));
  }

  /** What a gRPC library calls a port by: {@code xds:///inventory.shop:8080}, or longer. */
  public static List<String> targets(ServicePort port) {
    ObjectName service = port.service();
    String qualified = service.name() + "." + service.namespace();
    return Stream.of("", ".svc", ".svc.cluster.local")
        .map(domain -> qualified + domain + ":" + port.port())
        .toList();
  }

  /** The service of a name that {@link #outbound} made. */
  public static Optional<ObjectName> serviceOf(String outbound) {
    String[] parts = outbound.split("[|/]", -1);
    return parts.length == 4 && parts[0].equals("outbound")
        ? Optional.of(new ObjectName(parts[2], parts[3]))
        : Optional.empty();
  }

  /** The port of a name that {@link #outbound} or {@link #outboundBytes} made. */
  public static Optional<ServicePort> portOf(String outbound) {
    String[] parts = outbound.split("[|/]", -1);
    boolean bytes = parts.length == 5 && parts[4].equals("tcp");
    return (parts.length == 4 || bytes) && parts[0].equals("outbound") && Addresses.isPort(parts[1])
        ? Optional.of(
            new ServicePort(new ObjectName(parts[2], parts[3]), Integer.parseInt(parts[1])))
        : Optional.empty();
  }

  /** Chain, routes and cluster of what a port takes. */
  public static String inbound(ServicePort port) {
    return "inbound|" + port.port() + "|" + port.service();
  }
}
