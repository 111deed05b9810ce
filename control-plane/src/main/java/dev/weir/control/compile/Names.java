package dev.weir.control.compile;

import dev.weir.control.model.ServicePort;

/** The names of resources, which the parts refer to each other by. */
final class Names {
  static final String OUTBOUND_LISTENER = "outbound";
  static final String INBOUND_LISTENER = "inbound";
  static final String PASSTHROUGH = "passthrough";
  static final String INBOUND_PASSTHROUGH = "inbound-passthrough";

  private Names() {}

  /** Chain, routes and cluster of calls to a port. */
  static String outbound(ServicePort port) {
    return "outbound|" + port.port() + "|" + port.service();
  }

  /** Chain, routes and cluster of what a port takes. */
  static String inbound(ServicePort port) {
    return "inbound|" + port.port() + "|" + port.service();
  }
}
