package dev.weir.control.compile;

import dev.weir.control.model.CircuitBreaker;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.policy.PolicyIndex.Held;
import java.util.List;
import java.util.Map;

/**
 * All of the mesh that the resources of one service follow from, but for its endpoints. They are
 * compiled from this alone, so that of equal slices nothing needs to be compiled again.
 *
 * @param service the service
 * @param also others whose instance a pod is as well; what the first has, it has for all
 * @param mesh it, the services that its routes lead to, that have keys of tokens, that are asked
 *     about requests or that get spans, these routes, and the policies on any of them
 * @param routedBreakers by port, the breaker that some route to it has of its own
 */
public record Slice(
    Service service,
    List<Service> also,
    Mesh mesh,
    Map<ServicePort, Held<ResilienceSpec, CircuitBreaker>> routedBreakers) {
  public Slice {
    also = List.copyOf(also);
    routedBreakers = Map.copyOf(routedBreakers);
  }
}
