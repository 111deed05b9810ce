package dev.weir.sidecar.route;

import dev.weir.sidecar.config.FilterConfig;
import java.util.List;

/** The filters of a cluster as routes see them: the same object until they change. Any thread. */
public interface UpstreamChain {
  /** In order. */
  List<String> filterNames();

  /** Makes of a route's configuration what filter {@code index} wants to see. */
  Object compileRoute(int index, FilterConfig config);
}
