package dev.weir.control.installation;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The control planes of a cluster, of all revisions, as the endpoints of their Services, whose
 * labels EndpointSlices have too. Any thread.
 */
public final class Replicas {
  private static final String LABEL = "app.kubernetes.io/name";
  private static final String NAME = "weir-control-plane";
  private static final String PORT = "tcp-xds";

  /** More than anybody runs. */
  private static final int MOST = 32;

  private final KubernetesClient client;
  private final String namespace;
  private final String own;

  /**
   * @param own the name of the pod that this is in
   */
  public Replicas(KubernetesClient client, String namespace, String own) {
    this.client = client;
    this.namespace = namespace;
    this.own = own;
  }

  /** Where the others that are ready take streams, by the names of their pods. */
  public Map<String, InetSocketAddress> others() {
    Map<String, InetSocketAddress> others = new TreeMap<>();
    for (EndpointSlice slice :
        client
            .discovery()
            .v1()
            .endpointSlices()
            .inNamespace(namespace)
            .withLabel(LABEL, NAME)
            .list()
            .getItems()) {
      for (EndpointPort port : slice.getPorts()) {
        if (PORT.equals(port.getName()) && port.getPort() != null) {
          slice.getEndpoints().forEach(endpoint -> add(endpoint, port.getPort(), others));
        }
      }
    }
    return others;
  }

  private void add(Endpoint endpoint, int port, Map<String, InetSocketAddress> others) {
    String pod =
        endpoint.getTargetRef() == null
            ? endpoint.getAddresses().getFirst()
            : endpoint.getTargetRef().getName();
    boolean ready =
        endpoint.getConditions() == null
            || !Objects.equals(endpoint.getConditions().getReady(), false);
    if (ready && !pod.equals(own) && others.size() < MOST) {
      others.put(pod, new InetSocketAddress(endpoint.getAddresses().getFirst(), port));
    }
  }
}
