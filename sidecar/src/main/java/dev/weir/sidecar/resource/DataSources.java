package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.resource.value.Invalid;
import io.envoyproxy.envoy.config.core.v3.DataSource;

/** {@code config.core.v3.DataSource}, inline ones. */
final class DataSources {
  private DataSources() {}

  static String inline(DataSource proto, FieldPath path) throws Invalid {
    return switch (proto.getSpecifierCase()) {
      case INLINE_STRING -> proto.getInlineString();
      case INLINE_BYTES -> proto.getInlineBytes().toStringUtf8();
      case FILENAME, ENVIRONMENT_VARIABLE, SPECIFIER_NOT_SET ->
          throw new Invalid(path, "must set inline_string or inline_bytes");
    };
  }
}
