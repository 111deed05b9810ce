package dev.weir.sidecar.xds;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The resources of one response, by name, and what is refused before anyone looks into them. */
final class Batch {
  private final ResourceType type;
  private final Map<String, Resource> resources = new LinkedHashMap<>();
  private final List<Refused> refused = new ArrayList<>();

  Batch(ResourceType type) {
    this.type = type;
  }

  void add(Resource resource) {
    if (resource.name().isEmpty()) {
      refuse("", "has no name");
    } else if (!resource.body().getTypeUrl().equals(type.typeUrl())) {
      refuse(resource.name(), "is a " + resource.body().getTypeUrl());
    } else if (resources.putIfAbsent(resource.name(), resource) != null) {
      refuse(resource.name(), "is there twice");
    }
  }

  void refuse(String name, String reason) {
    refused.add(new Refused(type, name, "", reason));
  }

  List<Resource> resources() {
    return List.copyOf(resources.values());
  }

  List<Refused> refused() {
    return refused;
  }
}
