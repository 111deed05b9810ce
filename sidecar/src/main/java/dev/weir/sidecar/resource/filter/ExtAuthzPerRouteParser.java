package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig;
import dev.weir.sidecar.resource.value.Invalid;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.CheckSettings;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

final class ExtAuthzPerRouteParser implements FilterParser {
  @Override
  public String type() {
    return "envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.ROUTE);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    ExtAuthzPerRoute proto = (ExtAuthzPerRoute) content;
    return switch (proto.getOverrideCase()) {
      case DISABLED ->
          new ExtAuthzConfig.Route(
              proto.getDisabled()
                  ? Optional.empty()
                  : Optional.of(
                      new ExtAuthzConfig.CheckSettings(Map.of(), Optional.empty(), false)));
      case CHECK_SETTINGS ->
          new ExtAuthzConfig.Route(
              Optional.of(settings(proto.getCheckSettings(), path.field("check_settings"))));
      case OVERRIDE_NOT_SET -> throw new Invalid(path, "must set one of disabled, check_settings");
    };
  }

  private static ExtAuthzConfig.CheckSettings settings(CheckSettings proto, FieldPath path)
      throws Invalid {
    FieldPath body = path.field("with_request_body");
    if (proto.hasWithRequestBody() && proto.getDisableRequestBodyBuffering()) {
      throw new Invalid(body, "and disable_request_body_buffering exclude each other");
    }
    return new ExtAuthzConfig.CheckSettings(
        proto.getContextExtensionsMap(),
        proto.hasWithRequestBody()
            ? Optional.of(ExtAuthzParser.body(proto.getWithRequestBody(), body))
            : Optional.empty(),
        proto.getDisableRequestBodyBuffering());
  }
}
