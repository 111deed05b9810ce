package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.route.RouteAction.Mirror;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import io.envoyproxy.envoy.config.route.v3.RouteAction.RequestMirrorPolicy;
import java.util.ArrayList;
import java.util.List;

/** {@code request_mirror_policies}; those of a route, a virtual host or a table are taken whole. */
final class Mirrors {
  private static final int ALL = 1_000_000;

  private Mirrors() {}

  /**
   * @param path of what has the policies
   */
  static List<Mirror> parse(List<RequestMirrorPolicy> protos, FieldPath path) throws Invalid {
    List<Mirror> mirrors = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      RequestMirrorPolicy proto = protos.get(i);
      FieldPath at = path.field("request_mirror_policies").index(i);
      if (!proto.getClusterHeader().isEmpty()) {
        throw new Invalid(at.field("cluster_header"), "is not supported");
      }
      if (proto.getCluster().isEmpty()) {
        throw new Invalid(at.field("cluster"), "must not be empty");
      }
      mirrors.add(
          new Mirror(
              proto.getCluster(),
              proto.hasRuntimeFraction()
                  ? Scalars.perMillion(
                      proto.getRuntimeFraction().getDefaultValue(),
                      at.field("runtime_fraction").field("default_value"))
                  : ALL,
              !proto.getDisableShadowHostSuffixAppend()));
    }
    return mirrors;
  }
}
