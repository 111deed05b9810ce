package dev.weir.control.snapshot;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A resource as it is sent, serialized once for all who get it.
 *
 * @param resource with its name, and its version: the hash of its content
 * @param byZone as clients in these zones get it, with the same version: where a client is does not
 *     change
 * @param hash of name and version
 * @param origins what people wrote and it follows from, kind and name each; of no account for
 *     whether it is the same
 */
public record Versioned(
    Resource resource, Map<String, Resource> byZone, long hash, Set<String> origins) {
  /** {@code message} in its bytes, which are the same each time. */
  static Versioned of(String typeUrl, String name, Message message) {
    return of(typeUrl, name, message, Set.of());
  }

  /** The same, with what it follows from. */
  static Versioned of(String typeUrl, String name, Message message, Set<String> origins) {
    ByteString bytes = ContentHash.bytes(message);
    String version = ContentHash.of(bytes);
    return new Versioned(
        resource(typeUrl, name, version, bytes), Map.of(), ContentHash.of(name, version), origins);
  }

  /**
   * The same as it is for those in each of some zones. All of it follows from what the version is
   * of.
   */
  Versioned with(Map<String, ? extends Message> zones) {
    Map<String, Resource> others = new HashMap<>();
    zones.forEach((zone, message) ->
        others.put(
            zone,
            resource(
                resource.getResource().getTypeUrl(),
                name(),
                version(),
                ContentHash.bytes(message))));
    return new Versioned(resource, Map.copyOf(others), hash, origins);
  }

  private static Resource resource(String typeUrl, String name, String version, ByteString bytes) {
    return Resource.newBuilder()
        .setName(name)
        .setVersion(version)
        .setResource(Any.newBuilder().setTypeUrl(typeUrl).setValue(bytes))
        .build();
  }

  /** As a client in {@code zone} gets it. */
  public Resource resource(String zone) {
    return byZone.isEmpty() ? resource : byZone.getOrDefault(zone, resource);
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
