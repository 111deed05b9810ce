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
 * @param extensions type URLs of the extensions it takes
 */
public record Proxy(
    String id, ObjectName service, Optional<String> address, int mark, Set<String> extensions) {
  public Proxy {
    extensions = Set.copyOf(extensions);
  }

  /** Whether it is Weir's own sidecar, of whatever age. */
  boolean weir() {
    return !extensions.isEmpty();
  }

  boolean takes(Extension extension) {
    return extensions.contains(extension.typeUrl());
  }
}
