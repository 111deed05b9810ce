package dev.weir.control.compile.xds;

import dev.weir.control.compile.Names;
import dev.weir.control.model.Port;
import dev.weir.control.model.ServicePort;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What sidecars get to call one service.
 *
 * @param resources its clusters and routes
 * @param chains of the outbound listener, one for each of its ports
 * @param consumers what differs for callers of a namespace that has routes of its own, by the
 *     namespace
 */
public record OutboundPart(
    XdsResources resources, List<Chain> chains, SortedMap<String, Consumer> consumers) {
  public OutboundPart {
    chains = List.copyOf(chains);
    consumers = Collections.unmodifiableSortedMap(new TreeMap<>(consumers));
  }

  /**
   * @param resources routes, in place of those that others get by the same names
   * @param chains of all ports, in place of those of others
   */
  public record Consumer(XdsResources resources, List<Chain> chains) {
    public Consumer {
      chains = List.copyOf(chains);
    }
  }

  /** The chains for callers of a namespace. */
  public List<Chain> chainsFor(String namespace) {
    Consumer consumer = consumers.get(namespace);
    return consumer == null ? chains : consumer.chains();
  }

  /** Whether all callers have the same chains as before. */
  public boolean chainsAsIn(OutboundPart before) {
    return chains.equals(before.chains)
        && Stream.concat(consumers.keySet().stream(), before.consumers.keySet().stream())
            .allMatch(namespace -> chainsFor(namespace).equals(before.chainsFor(namespace)));
  }

  /**
   * What a chain of the outbound listener follows from, beside the proxy.
   *
   * @param address the virtual one of the service
   * @param byPath whether routes compare paths
   * @param headless whether its instances are called by their own addresses
   * @param streams where bytes go
   * @param origins the routes of these: kind and name
   */
  public record Chain(
      ServicePort port,
      String address,
      Port.Protocol protocol,
      boolean byPath,
      boolean headless,
      Streams streams,
      Set<String> origins) {
    public Chain {
      origins = Set.copyOf(origins);
    }

    /** All of its own. */
    List<String> clusters() {
      return Stream.of(Names.outbound(port), streams.own()).distinct().toList();
    }
  }
}
