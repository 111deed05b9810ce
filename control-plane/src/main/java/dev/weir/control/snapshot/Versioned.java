package dev.weir.control.snapshot;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.Set;

/**
 * A resource as it is sent, serialized once for all who get it.
 *
 * @param resource with its name, and its version: the hash of its content
 * @param hash of name and version
 * @param origins what people wrote and it follows from, kind and name each; of no account for
 *     whether it is the same
 */
public record Versioned(Resource resource, long hash, Set<String> origins) {
  /** {@code message} in its bytes, which are the same each time. */
  static Versioned of(String typeUrl, String name, Message message) {
    return of(typeUrl, name, message, Set.of());
  }

  /** The same, with what it follows from. */
  static Versioned of(String typeUrl, String name, Message message, Set<String> origins) {
    ByteString bytes = ContentHash.bytes(message);
    String version = ContentHash.of(bytes);
    return new Versioned(
        Resource.newBuilder()
            .setName(name)
            .setVersion(version)
            .setResource(Any.newBuilder().setTypeUrl(typeUrl).setValue(bytes))
            .build(),
        ContentHash.of(name, version),
        origins);
  }

  public String name() {
    return resource.getName();
  }

  public String version() {
    return resource.getVersion();
  }

  @Override
  public String toString() {
    return name() + "@" + version();
  }
}
