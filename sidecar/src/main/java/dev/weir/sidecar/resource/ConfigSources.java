package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import java.time.Duration;

/** {@code config.core.v3.ConfigSource}: over the ADS stream, the one stream there is. */
public final class ConfigSources {
  private static final Duration DEFAULT_INITIAL_FETCH_TIMEOUT = Duration.ofSeconds(15);

  private ConfigSources() {}

  /** The initial_fetch_timeout; zero is no limit. */
  public static Duration ads(ConfigSource proto, FieldPath path) throws Invalid {
    switch (proto.getConfigSourceSpecifierCase()) {
      case ADS, SELF -> {}
      case PATH, PATH_CONFIG_SOURCE, API_CONFIG_SOURCE, CONFIGSOURCESPECIFIER_NOT_SET ->
          throw new Invalid(path, "must be \"ads: {}\"; no other source is supported");
    }
    return Scalars.duration(
        proto.hasInitialFetchTimeout(),
        proto.getInitialFetchTimeout(),
        DEFAULT_INITIAL_FETCH_TIMEOUT,
        path.field("initial_fetch_timeout"));
  }
}
