package dev.weir.control.compile;

import java.util.Set;

/**
 * What the configuration of a proxy follows from beside its service: proxies of one kind get the
 * same for what their apps call.
 *
 * @param mark {@code SO_MARK} for upstream sockets, which keeps them from being taken over; 0: none
 * @param ports of its two virtual listeners
 * @param extensions type URLs of the extensions it takes; others than Weir's are left out
 * @param proxyless whether it is no proxy but a gRPC library, which calls by the names of listeners
 */
public record ProxyKind(int mark, ListenerPorts ports, Set<String> extensions, boolean proxyless) {
  /** A gRPC library that goes by xDS itself: nothing is redirected, and nothing marked. */
  public static final ProxyKind PROXYLESS = new ProxyKind(0, ListenerPorts.DEFAULT, Set.of(), true);

  /** A proxy. */
  public ProxyKind(int mark, ListenerPorts ports, Set<String> extensions) {
    this(mark, ports, extensions, false);
  }

  public ProxyKind {
    extensions = Extension.known(extensions);
  }

  /** Where an app's traffic is redirected to; 0 is any port that is free. */
  public record ListenerPorts(int outbound, int inbound) {
    public static final ListenerPorts DEFAULT = new ListenerPorts(15001, 15006);
  }

  /** Whether it is Weir's own sidecar, of whatever age. */
  public boolean weir() {
    return !extensions.isEmpty();
  }

  public boolean takes(Extension extension) {
    return extensions.contains(extension.typeUrl());
  }
}
