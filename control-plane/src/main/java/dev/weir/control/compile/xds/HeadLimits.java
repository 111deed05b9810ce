package dev.weir.control.compile.xds;

import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;

/**
 * How much the head of a message may hold: its bytes are bounded (60 KiB of a request, 80 KiB of a
 * response), and by them its fields. A hundred fields, the default, is a bound that apps do not
 * have and that no policy asked for.
 */
final class HeadLimits {
  /** More than the bytes have room for. */
  private static final int MOST_FIELDS = 10_000;

  static final HttpProtocolOptions BY_BYTES =
      HttpProtocolOptions.newBuilder().setMaxHeadersCount(Protos.uint32(MOST_FIELDS)).build();

  private HeadLimits() {}
}
