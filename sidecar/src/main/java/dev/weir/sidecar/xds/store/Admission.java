package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.bootstrap.ResourceCheck;
import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteConfiguration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Says whether what has been parsed can be put in force: asked before the control plane is
 * answered. It changes nothing. Control thread.
 */
public interface Admission extends ResourceCheck {
  /**
   * @param referrers the newest listeners that name {@code routes}
   * @param clusters the newest of a name, of those that are known
   */
  Parsed<RouteConfiguration> routes(
      RouteConfiguration routes,
      List<Listener> referrers,
      Function<String, Optional<Cluster>> clusters);

  /**
   * Whether {@code routes}, taken before, can be used by a newer {@code listener} that names them.
   */
  boolean fits(Listener listener, RouteConfiguration routes);
}
