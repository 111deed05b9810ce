package dev.weir.control.snapshot;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.weir.control.compile.Diagnostic;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.compile.xds.XdsResources;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a proxy should have now.
 *
 * @param versions of each type as a whole
 */
public record Snapshot(
    Map<ResourceType, SortedMap<String, Versioned>> resources,
    Map<ResourceType, String> versions,
    List<Diagnostic> diagnostics) {
  public Snapshot {
    resources = Collections.unmodifiableMap(new EnumMap<>(resources));
    versions = Collections.unmodifiableMap(new EnumMap<>(versions));
    diagnostics = List.copyOf(diagnostics);
  }

  /** {@code known} has the messages of snapshots of the same mesh, and gets this one's. */
  static Snapshot of(XdsResources compiled, IdentityHashMap<Message, Versioned> known) {
    Map<ResourceType, SortedMap<String, Versioned>> resources = new EnumMap<>(ResourceType.class);
    Map<ResourceType, String> versions = new EnumMap<>(ResourceType.class);
    for (ResourceType type : ResourceType.values()) {
      SortedMap<String, Versioned> byName = new TreeMap<>();
      compiled
          .of(type)
          .forEach((name, message) ->
              byName.put(
                  name, known.computeIfAbsent(message, same -> versioned(type, name, same))));
      resources.put(type, Collections.unmodifiableSortedMap(byName));
      versions.put(type, ContentHash.of(byName.values()));
    }
    return new Snapshot(resources, versions, compiled.diagnostics());
  }

  private static Versioned versioned(ResourceType type, String name, Message message) {
    ByteString bytes = ContentHash.bytes(message);
    Any any = Any.newBuilder().setTypeUrl(type.typeUrl()).setValue(bytes).build();
    return new Versioned(name, ContentHash.of(bytes), any);
  }

  public SortedMap<String, Versioned> of(ResourceType type) {
    return resources.getOrDefault(type, Collections.emptySortedMap());
  }

  public String version(ResourceType type) {
    return versions.getOrDefault(type, "");
  }
}
