package dev.weir.control.snapshot;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.Resource;

/**
 * A resource as it is sent, serialized once for all who get it.
 *
 * @param resource with its name, and its version: the hash of its content
 * @param hash of name and version
 */
public record Versioned(Resource resource, long hash) {
  /** {@code message} in its bytes, which are the same each time. */
  static Versioned of(String typeUrl, String name, Message message) {
    ByteString bytes = ContentHash.bytes(message);
    String version = ContentHash.of(bytes);
    return new Versioned(
        Resource.newBuilder()
            .setName(name)
            .setVersion(version)
            .setResource(Any.newBuilder().setTypeUrl(typeUrl).setValue(bytes))
            .build(),
        ContentHash.of(name, version));
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
