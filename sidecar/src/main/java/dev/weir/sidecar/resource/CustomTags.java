package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.listener.Tracing.Tag;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.WireTexts;
import io.envoyproxy.envoy.type.tracing.v3.CustomTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code type.tracing.v3.CustomTag}, of spans and of access logs. */
final class CustomTags {
  private CustomTags() {}

  static List<Tag> parse(List<CustomTag> protos, FieldPath path) throws Invalid {
    List<Tag> tags = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      tags.add(tag(protos.get(i), path.index(i)));
    }
    return tags;
  }

  private static Tag tag(CustomTag proto, FieldPath path) throws Invalid {
    return switch (proto.getTypeCase()) {
      case LITERAL -> new Tag.Literal(proto.getTag(), proto.getLiteral().getValue());
      case ENVIRONMENT -> {
        String value = System.getenv(proto.getEnvironment().getName());
        yield new Tag.Literal(
            proto.getTag(),
            value == null || value.isEmpty() ? proto.getEnvironment().getDefaultValue() : value);
      }
      case REQUEST_HEADER ->
          new Tag.Header(
              proto.getTag(),
              WireTexts.name(
                      proto.getRequestHeader().getName(),
                      path.field("request_header").field("name"))
                  .toLowerCase(Locale.ROOT),
              proto.getRequestHeader().getDefaultValue());
      case METADATA ->
          throw new Invalid(
              path.field("metadata"),
              "is not supported; here may stand literal, environment, request_header");
      case TYPE_NOT_SET ->
          throw new Invalid(path, "must set one of literal, environment, request_header");
    };
  }
}
