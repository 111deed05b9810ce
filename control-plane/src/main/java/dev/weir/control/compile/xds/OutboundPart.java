package dev.weir.control.compile.xds;

import dev.weir.control.compile.Names;
import dev.weir.control.model.Port;
import dev.weir.control.model.ServicePort;
import java.util.List;

/**
 * What sidecars get to call one service.
 *
 * @param resources its clusters and routes
 * @param chains of the outbound listener, one for each of its ports
 */
public record OutboundPart(XdsResources resources, List<Chain> chains) {
  public OutboundPart {
    chains = List.copyOf(chains);
  }

  /**
   * What a chain of the outbound listener follows from, beside the proxy.
   *
   * @param address the virtual one of the service
   * @param byPath whether routes compare paths
   * @param headless whether its instances are called by their own addresses
   * @param told whether bytes go to a cluster of their own, for the callee's sidecar to be told
   */
  public record Chain(
      ServicePort port,
      String address,
      Port.Protocol protocol,
      boolean byPath,
      boolean headless,
      boolean told) {
    /** All of its own. */
    List<String> clusters() {
      return told
          ? List.of(Names.outbound(port), Names.outboundBytes(port))
          : List.of(Names.outbound(port));
    }

    /** The cluster of what passes as bytes. */
    String bytes() {
      return told ? Names.outboundBytes(port) : Names.outbound(port);
    }
  }
}
