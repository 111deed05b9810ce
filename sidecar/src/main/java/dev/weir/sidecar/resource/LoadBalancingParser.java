package dev.weir.sidecar.resource;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.convert.AnyOpener;
import dev.weir.protos.convert.Opened;
import dev.weir.sidecar.config.cluster.Cluster.LoadBalancing;
import dev.weir.sidecar.config.cluster.Cluster.Policy;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.TypedConfigs;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import io.envoyproxy.envoy.extensions.load_balancing_policies.cluster_provided.v3.ClusterProvided;
import io.envoyproxy.envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest;
import io.envoyproxy.envoy.extensions.load_balancing_policies.random.v3.Random;
import io.envoyproxy.envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin;
import java.util.List;

/** {@code lb_policy}, or {@code load_balancing_policy}, which wins over it. */
final class LoadBalancingParser {
  private static final int DEFAULT_CHOICES = 2;
  private static final int DEFAULT_PANIC_THRESHOLD = 50;

  private final TypedConfigs typedConfigs;

  LoadBalancingParser(TypedConfigs typedConfigs) {
    this.typedConfigs = typedConfigs;
  }

  LoadBalancing parse(Cluster proto, FieldPath path) throws Invalid {
    LoadBalancing loadBalancing =
        proto.hasLoadBalancingPolicy()
            ? extension(proto, path.field("load_balancing_policy").field("policies"))
            : enumerated(proto, path.field("lb_policy"));
    boolean originalDst = proto.getType() == Cluster.DiscoveryType.ORIGINAL_DST;
    if (originalDst != (loadBalancing.policy() == Policy.CLUSTER_PROVIDED)) {
      throw new Invalid(
          path.field("lb_policy"),
          "CLUSTER_PROVIDED goes with a cluster of type ORIGINAL_DST, and with no other");
    }
    return loadBalancing;
  }

  private static LoadBalancing enumerated(Cluster proto, FieldPath path) throws Invalid {
    return switch (proto.getLbPolicy()) {
      case ROUND_ROBIN -> of(Policy.ROUND_ROBIN, DEFAULT_CHOICES, proto);
      case LEAST_REQUEST -> {
        var config = proto.getLeastRequestLbConfig();
        yield of(
            Policy.LEAST_REQUEST,
            Scalars.clamp(config.hasChoiceCount(), config.getChoiceCount(), DEFAULT_CHOICES),
            proto);
      }
      case RANDOM -> of(Policy.RANDOM, DEFAULT_CHOICES, proto);
      case CLUSTER_PROVIDED -> of(Policy.CLUSTER_PROVIDED, DEFAULT_CHOICES, proto);
      case RING_HASH, MAGLEV ->
          throw new Invalid(path, proto.getLbPolicy().name() + " is not supported");
      case LOAD_BALANCING_POLICY_CONFIG ->
          throw new Invalid(path, "needs load_balancing_policy to be set");
      case UNRECOGNIZED -> throw new Invalid(path, "has no value " + proto.getLbPolicyValue());
    };
  }

  /** The first policy of the list that is known, as in Envoy. */
  private LoadBalancing extension(Cluster proto, FieldPath path) throws Invalid {
    List<LoadBalancingPolicy.Policy> policies = proto.getLoadBalancingPolicy().getPoliciesList();
    for (int i = 0; i < policies.size(); i++) {
      Any any = policies.get(i).getTypedExtensionConfig().getTypedConfig();
      FieldPath at = path.index(i).field("typed_extension_config").field("typed_config");
      if (!(AnyOpener.open(any) instanceof Opened.Content(Message content))) {
        continue;
      }
      switch (content) {
        case RoundRobin _ -> {
          return of(Policy.ROUND_ROBIN, DEFAULT_CHOICES, proto);
        }
        case LeastRequest config -> {
          typedConfigs.check(config, at);
          return of(
              Policy.LEAST_REQUEST,
              Scalars.clamp(config.hasChoiceCount(), config.getChoiceCount(), DEFAULT_CHOICES),
              proto);
        }
        case Random _ -> {
          return of(Policy.RANDOM, DEFAULT_CHOICES, proto);
        }
        case ClusterProvided _ -> {
          return of(Policy.CLUSTER_PROVIDED, DEFAULT_CHOICES, proto);
        }
        default -> {}
      }
    }
    throw new Invalid(path, "has no policy that is supported");
  }

  private static LoadBalancing of(Policy policy, int choices, Cluster proto) {
    var common = proto.getCommonLbConfig();
    int panic =
        common.hasHealthyPanicThreshold()
            ? (int) Math.round(common.getHealthyPanicThreshold().getValue())
            : DEFAULT_PANIC_THRESHOLD;
    return new LoadBalancing(policy, choices, panic);
  }
}
