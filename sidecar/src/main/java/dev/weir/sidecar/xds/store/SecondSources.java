package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.Fetch;
import dev.weir.sidecar.xds.ResourceType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who names which source for what is asked for by name. Control thread. */
final class SecondSources {
  private record Wanted(ResourceType type, String name) {}

  private final Map<Wanted, Map<ConfigSource, String>> referrers = new HashMap<>();

  void add(String referrer, List<Reference> references) {
    for (Reference each : references) {
      each.fetch()
          .ifPresent(fetch ->
              referrers
                  .computeIfAbsent(new Wanted(each.type(), each.name()), any -> new HashMap<>())
                  .putIfAbsent(fetch.source(), referrer));
    }
  }

  /** Why who has these references cannot be taken: another one names another source. */
  Optional<String> conflict(List<Reference> references) {
    for (Reference each : references) {
      Optional<ConfigSource> source = each.fetch().map(Fetch::source);
      Map<ConfigSource, String> others =
          referrers.getOrDefault(new Wanted(each.type(), each.name()), Map.of());
      for (Map.Entry<ConfigSource, String> other : others.entrySet()) {
        if (source.isPresent() && !other.getKey().equals(source.get())) {
          return Optional.of(
              "%s \"%s\" comes from another source for \"%s\": one name has one source"
                  .formatted(each.type().noun(), each.name(), other.getValue()));
        }
      }
    }
    return Optional.empty();
  }
}
