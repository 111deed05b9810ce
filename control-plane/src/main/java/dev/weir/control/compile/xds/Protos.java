package dev.weir.control.compile.xds;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import dev.weir.protos.TypeRegistry;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.time.Duration;

/** The small messages that the large ones are made of. */
final class Protos {
  private Protos() {}

  static Any any(Message message) {
    return Any.newBuilder()
        .setTypeUrl(TypeRegistry.typeUrl(message))
        .setValue(message.toByteString())
        .build();
  }

  static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  static com.google.protobuf.Duration duration(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  static UInt32Value uint32(int value) {
    return UInt32Value.of(value);
  }

  static BoolValue bool(boolean value) {
    return BoolValue.of(value);
  }

  static Address address(String address, int port) {
    return Address.newBuilder()
        .setSocketAddress(SocketAddress.newBuilder().setAddress(address).setPortValue(port))
        .build();
  }

  static StringMatcher exactly(String value) {
    return StringMatcher.newBuilder().setExact(value).build();
  }

  static RegexMatcher regex(String expression) {
    return RegexMatcher.newBuilder().setRegex(expression).build();
  }

  static StringMatcher matching(String expression) {
    return StringMatcher.newBuilder().setSafeRegex(regex(expression)).build();
  }

  /**
   * Everything comes by the one stream, and is waited for without end: a listener whose routes are
   * late would answer 404, where what was before goes on meanwhile, or nothing is taken yet.
   */
  static ConfigSource ads() {
    return ConfigSource.newBuilder()
        .setInitialFetchTimeout(duration(Duration.ZERO))
        .setAds(AggregatedConfigSource.getDefaultInstance())
        .setResourceApiVersion(ApiVersion.V3)
        .build();
  }
}
