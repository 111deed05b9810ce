package dev.weir.control.compile;

import dev.weir.control.model.ObjectName;
import java.util.Optional;
import java.util.Set;

/**
 * Who asks for configuration.
 *
 * @param id its node id
 * @param service the service it stands beside
 * @param address where its instance is reached; absent: it only calls
 * @param mark {@code SO_MARK} for upstream sockets, which keeps them from being taken over; 0: none
 * @param ports of its two virtual listeners
 * @param extensions type URLs of the extensions it takes
 */
public record Proxy(
    String id,
    ObjectName service,
    Optional<String> address,
    int mark,
    ListenerPorts ports,
    Set<String> extensions) {
  public Proxy {
    extensions = Set.copyOf(extensions);
  }

  /** Where an app's traffic is redirected to; 0 is any port that is free. */
  public record ListenerPorts(int outbound, int inbound) {
    public static final ListenerPorts DEFAULT = new ListenerPorts(15001, 15006);
  }

  /** Whether it is Weir's own sidecar, of whatever age. */
  boolean weir() {
    return !extensions.isEmpty();
  }

  boolean takes(Extension extension) {
    return extensions.contains(extension.typeUrl());
  }
}
