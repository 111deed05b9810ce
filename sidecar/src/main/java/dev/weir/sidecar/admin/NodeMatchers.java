package dev.weir.sidecar.admin;

import dev.weir.protos.FieldPath;
import dev.weir.protos.rules.RuleValidator;
import dev.weir.protos.rules.Violation;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.rbac.Values;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.StringMatches;
import dev.weir.sidecar.resource.value.ValueMatches;
import dev.weir.sidecar.route.StringMatcher;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.type.matcher.v3.NodeMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StructMatcher;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code node_matchers}: one of them must match the node; of one, all that it says. None matches
 * every node.
 */
final class NodeMatchers {
  private NodeMatchers() {}

  /**
   * @throws GrpcRefusal a matcher is invalid; the message names its field
   */
  static boolean match(ClientStatusRequest request, Node node) throws GrpcRefusal {
    if (request.getNodeMatchersCount() == 0) {
      return true;
    }
    Optional<Violation> violation = new RuleValidator().validate(request);
    if (violation.isPresent()) {
      throw invalid(violation.get().path(), violation.get().reason());
    }
    boolean matched = false;
    try {
      // All are read, also behind one that matches.
      for (int i = 0; i < request.getNodeMatchersCount(); i++) {
        matched |=
            matches(
                request.getNodeMatchers(i), node, FieldPath.ROOT.field("node_matchers").index(i));
      }
    } catch (Invalid e) {
      throw invalid(e.field(), e.reason());
    }
    return matched;
  }

  private static GrpcRefusal invalid(String field, String reason) {
    return new GrpcRefusal(GrpcRefusal.INVALID_ARGUMENT, field + ": " + reason);
  }

  private static boolean matches(NodeMatcher matcher, Node node, FieldPath path) throws Invalid {
    boolean matched =
        !matcher.hasNodeId()
            || new StringMatcher(StringMatches.parse(matcher.getNodeId(), path.field("node_id")))
                .matches(node.id());
    for (int i = 0; i < matcher.getNodeMetadatasCount(); i++) {
      StructMatcher metadata = matcher.getNodeMetadatas(i);
      FieldPath at = path.field("node_metadatas").index(i).field("value");
      matched &=
          Values.compile(ValueMatches.parse(metadata.getValue(), at))
              .test(value(node.metadata(), metadata));
    }
    return matched;
  }

  /** Null: there is none. */
  private static @Nullable Object value(Map<String, Object> metadata, StructMatcher matcher) {
    Object value = metadata;
    for (StructMatcher.PathSegment segment : matcher.getPathList()) {
      value = value instanceof Map<?, ?> map ? map.get(segment.getKey()) : null;
    }
    return value;
  }
}
