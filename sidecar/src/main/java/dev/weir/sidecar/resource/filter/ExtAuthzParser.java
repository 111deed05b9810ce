package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.rbac.Condition;
import dev.weir.sidecar.config.route.StringMatch;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.RbacRules;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.StringMatches;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.BufferSettings;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.type.matcher.v3.ListStringMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

final class ExtAuthzParser implements FilterParser {
  private static final int ALL = 1_000_000;
  private static final int FORBIDDEN = 403;
  private static final int LEAST_STATUS = 200;
  private static final int MOST_STATUS = 599;

  /** Of a body that is asked about: it is held in memory, and so is the question. */
  private static final long MOST_BODY = 64 << 20;

  @Override
  public String type() {
    return "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.DOWNSTREAM);
  }

  /** What is not honoured is refused: to ignore it would let in whom it was to keep out. */
  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    ExtAuthz proto = (ExtAuthz) content;
    refuse(proto, path);
    return new ExtAuthzConfig.Filter(
        ExtAuthzServiceParser.parse(proto, path),
        proto.hasWithRequestBody()
            ? Optional.of(body(proto.getWithRequestBody(), path.field("with_request_body")))
            : Optional.empty(),
        new ExtAuthzConfig.OnFailure(
            proto.getFailureModeAllow(),
            proto.getFailureModeAllowHeaderAdd(),
            status(proto, path.field("status_on_error").field("code"))),
        enabled(proto, path),
        new ExtAuthzConfig.Told(
            allowed(proto, path),
            matches(proto.getDisallowedHeaders(), path.field("disallowed_headers")),
            proto.getEncodeRawHeaders(),
            proto.getIncludePeerCertificate(),
            proto.getIncludeTlsSession()),
        proto.getMetadataContextNamespacesList(),
        !proto.hasEnableDynamicMetadataIngestion()
            || proto.getEnableDynamicMetadataIngestion().getValue(),
        proto.getStatPrefix());
  }

  private static void refuse(ExtAuthz proto, FieldPath path) throws Invalid {
    if (proto.getTransportApiVersion() != ApiVersion.V3
        && proto.getTransportApiVersion() != ApiVersion.AUTO) {
      throw new Invalid(path.field("transport_api_version"), "must be V3");
    }
    if (proto.getClearRouteCache()) {
      throw new Invalid(
          path.field("clear_route_cache"), "is not supported: a route is chosen before");
    }
    refuse(
        proto.getTypedMetadataContextNamespacesCount() > 0,
        path,
        "typed_metadata_context_namespaces");
    refuse(
        proto.getRouteMetadataContextNamespacesCount() > 0,
        path,
        "route_metadata_context_namespaces");
    refuse(
        proto.getRouteTypedMetadataContextNamespacesCount() > 0,
        path,
        "route_typed_metadata_context_namespaces");
    refuse(!proto.getBootstrapMetadataLabelsKey().isEmpty(), path, "bootstrap_metadata_labels_key");
    if (proto.hasDecoderHeaderMutationRules()) {
      throw new Invalid(
          path.field("decoder_header_mutation_rules"),
          "is not supported: path, host and framing are never changed, and other headers always may"
              + " be");
    }
    refuse(proto.hasFilterMetadata(), path, "filter_metadata");
    refuse(proto.getEmitFilterStateStats(), path, "emit_filter_state_stats");
  }

  private static void refuse(boolean set, FieldPath path, String field) throws Invalid {
    if (set) {
      throw new Invalid(path.field(field), "is not supported");
    }
  }

  static ExtAuthzConfig.Body body(BufferSettings proto, FieldPath path) throws Invalid {
    long most = Integer.toUnsignedLong(proto.getMaxRequestBytes());
    FieldPath at = path.field("max_request_bytes");
    if (most == 0) {
      throw new Invalid(at, "must be above 0");
    }
    if (most > MOST_BODY) {
      throw new Invalid(
          at, "must be at most " + MOST_BODY + ": what is asked about is held in memory");
    }
    return new ExtAuthzConfig.Body(most, proto.getAllowPartialMessage(), proto.getPackAsBytes());
  }

  private static int status(ExtAuthz proto, FieldPath path) throws Invalid {
    int code = proto.getStatusOnError().getCodeValue();
    if (!proto.hasStatusOnError() || code == 0) {
      return FORBIDDEN;
    }
    if (code < LEAST_STATUS || code > MOST_STATUS) {
      throw new Invalid(path, code + " is no status of a response");
    }
    return code;
  }

  private static ExtAuthzConfig.Enabled enabled(ExtAuthz proto, FieldPath path) throws Invalid {
    Optional<Condition.Metadata> metadata =
        proto.hasFilterEnabledMetadata()
            ? Optional.of(
                RbacRules.metadata(
                    proto.getFilterEnabledMetadata(), path.field("filter_enabled_metadata")))
            : Optional.empty();
    return new ExtAuthzConfig.Enabled(
        proto.hasFilterEnabled()
            ? Scalars.perMillion(
                proto.getFilterEnabled().getDefaultValue(),
                path.field("filter_enabled").field("default_value"))
            : ALL,
        metadata,
        proto.getDenyAtDisable().getDefaultValue().getValue());
  }

  /** The filter's own list, or else the older one of {@code http_service}. */
  @SuppressWarnings("deprecation") // it is still sent
  private static Optional<List<StringMatch>> allowed(ExtAuthz proto, FieldPath path)
      throws Invalid {
    if (proto.hasAllowedHeaders()) {
      return Optional.of(matches(proto.getAllowedHeaders(), path.field("allowed_headers")));
    }
    if (proto.getHttpService().getAuthorizationRequest().hasAllowedHeaders()) {
      return Optional.of(
          matches(
              proto.getHttpService().getAuthorizationRequest().getAllowedHeaders(),
              path.field("http_service").field("authorization_request").field("allowed_headers")));
    }
    return Optional.empty();
  }

  /** Names of headers, which are compared in lower case. */
  static List<StringMatch> matches(ListStringMatcher proto, FieldPath path) throws Invalid {
    List<StringMatch> matches = new ArrayList<>();
    for (int i = 0; i < proto.getPatternsCount(); i++) {
      matches.add(StringMatches.parse(proto.getPatterns(i), path.field("patterns").index(i)));
    }
    return matches;
  }
}
