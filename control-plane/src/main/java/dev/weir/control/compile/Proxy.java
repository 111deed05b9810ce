package dev.weir.control.compile;

import dev.weir.control.model.ObjectName;
import java.util.Optional;

/**
 * Who asks for configuration.
 *
 * @param id its node id
 * @param service the service it stands beside
 * @param address where its instance is reached; absent: it only calls
 * @param pod the pod of a cluster that it runs in; absent: it says itself whose it is
 * @param account the service account that it must be
 * @param zone where it is; empty: that is not known
 */
public record Proxy(
    String id,
    ObjectName service,
    Optional<String> address,
    ProxyKind kind,
    Optional<ObjectName> pod,
    ObjectName account,
    String zone) {
  /** Of no cluster: its service account has the name of the service. */
  public Proxy(String id, ObjectName service, Optional<String> address, ProxyKind kind) {
    this(id, service, address, kind, Optional.empty(), service, "");
  }
}
