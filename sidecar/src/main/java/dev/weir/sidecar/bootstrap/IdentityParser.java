package dev.weir.sidecar.bootstrap;

import dev.weir.protos.FieldPath;
import dev.weir.protos.Nearest;
import dev.weir.protos.convert.AnyOpener;
import dev.weir.protos.convert.Opened;
import dev.weir.sidecar.config.bootstrap.WorkloadIdentity;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.WireTexts;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** {@code Bootstrap.bootstrap_extensions}, of which there is one: {@code WorkloadIdentity}. */
final class IdentityParser {
  private static final Duration LIFETIME = Duration.ofHours(24);
  private static final Pattern SPIFFE_ID = Pattern.compile("spiffe://[a-z0-9._-]+(/[\\w.-]+)+");

  private IdentityParser() {}

  static Optional<WorkloadIdentity> parse(
      List<TypedExtensionConfig> protos, List<String> clusters, FieldPath path) throws Invalid {
    if (protos.isEmpty()) {
      return Optional.empty();
    }
    if (protos.size() > 1) {
      throw new Invalid(path.index(1), "there is one extension at most, WorkloadIdentity");
    }
    FieldPath at = path.index(0).field("typed_config");
    if (!(AnyOpener.open(protos.getFirst().getTypedConfig())
        instanceof
        Opened.Content(
            dev.weir.protos.extensions.bootstrap.identity.v1alpha1.WorkloadIdentity proto))) {
      throw new Invalid(
          at,
          "must be weir.extensions.bootstrap.identity.v1alpha1.WorkloadIdentity; no other"
              + " extension is supported");
    }
    if (!SPIFFE_ID.matcher(proto.getSpiffeId()).matches()) {
      throw new Invalid(
          at.field("spiffe_id"),
          "must be spiffe://TRUST_DOMAIN/PATH, as spiffe://cluster.local/ns/shop/sa/cart");
    }
    if (!clusters.contains(proto.getCaCluster())) {
      throw new Invalid(
          at.field("ca_cluster"),
          "\""
              + proto.getCaCluster()
              + "\" is not among static_resources.clusters"
              + Nearest.hint(proto.getCaCluster(), clusters));
    }
    return Optional.of(
        new WorkloadIdentity(
            proto.getCaCluster(),
            proto.getSpiffeId(),
            proto.getRootFile(),
            Optional.of(proto.getTokenFile()).filter(file -> !file.isEmpty()),
            proto.hasLifetime() ? Duration.ofSeconds(proto.getLifetime().getSeconds()) : LIFETIME,
            WireTexts.grpcAuthority(proto.getAuthority(), proto.getCaCluster(), at)));
  }
}
