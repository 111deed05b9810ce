package dev.weir.control.source.resource;

import dev.weir.control.model.RouteFilters;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.RouteParts.HeaderModifier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The filters of a rule of a {@code GRPCRoute}. */
final class GrpcFilters {
  private GrpcFilters() {}

  @Planned("extensionRef")
  record Filter(
      @Field("What it does.") Type type,
      @Field("For RequestHeaderModifier.") @Nullable HeaderModifier requestHeaderModifier,
      @Field("For ResponseHeaderModifier.") @Nullable HeaderModifier responseHeaderModifier,
      @Field("For RequestMirror.") Mirrors.@Nullable Mirror requestMirror) {
    Filter {
      RouteParts.requireOwn(
          Map.of(
              Type.REQUEST_HEADER_MODIFIER,
              requestHeaderModifier != null,
              Type.RESPONSE_HEADER_MODIFIER,
              responseHeaderModifier != null,
              Type.REQUEST_MIRROR,
              requestMirror != null),
          type);
    }
  }

  @Planned("ExtensionRef")
  enum Type {
    REQUEST_HEADER_MODIFIER,
    RESPONSE_HEADER_MODIFIER,
    REQUEST_MIRROR
  }

  /** {@code rule} is the index of the rule, to say where something is. */
  static RouteFilters translate(
      Manifest manifest, int rule, List<Filter> filters, Findings findings) {
    RouteParts.refuseRepeated(
        manifest.place("spec", "rules", rule, "filters"),
        filters.stream().map(Filter::type).filter(type -> type != Type.REQUEST_MIRROR).toList(),
        findings);
    return new RouteFilters(
        RouteParts.change(filters, Filter::requestHeaderModifier),
        RouteParts.change(filters, Filter::responseHeaderModifier),
        Optional.empty(),
        Optional.empty(),
        Mirrors.translate(manifest, rule, filters, Filter::requestMirror, findings),
        Optional.empty());
  }
}
