package dev.weir.control.snapshot;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Views of resources that have a letter for a name. */
public final class Views {
  private Views() {}

  /** {@code a1}: resource a in version 1. */
  public static View of(String... resources) {
    return of(Arrays.asList(resources));
  }

  /** The same. */
  public static View of(Collection<String> resources) {
    return of(List.copyOf(resources), List.of());
  }

  /** The first ones are shared with others, the second ones a proxy's own. */
  static View of(List<String> common, List<String> own) {
    return new View(
        List.of(new View.Part(null, Layer.of(common.stream().map(Views::resource).toList()))),
        Layer.of(own.stream().map(Views::resource).toList()));
  }

  /** Of one layer. */
  static View in(Layer layer) {
    return new View(List.of(new View.Part(null, layer)), Layer.EMPTY);
  }

  static Versioned resource(String text) {
    Resource resource =
        Resource.newBuilder()
            .setName(text.substring(0, 1))
            .setVersion(text.substring(1))
            .setResource(Any.getDefaultInstance())
            .build();
    return new Versioned(
        resource, Map.of(), ContentHash.of(resource.getName(), resource.getVersion()), Set.of());
  }
}
