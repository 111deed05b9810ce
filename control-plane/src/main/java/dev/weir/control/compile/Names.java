package dev.weir.control.compile;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.ServicePort;
import java.util.Optional;

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

  /** The service of a name that {@link #outbound} made. */
  public static Optional<ObjectName> serviceOf(String outbound) {
    String[] parts = outbound.split("[|/]", -1);
    return parts.length == 4 && parts[0].equals("outbound")
        ? Optional.of(new ObjectName(parts[2], parts[3]))
        : Optional.empty();
  }

  /** Chain, routes and cluster of what a port takes. */
  public static String inbound(ServicePort port) {
    return "inbound|" + port.port() + "|" + port.service();
  }
}
