package dev.weir.control.link;

import dev.weir.control.model.MeshModel;
import dev.weir.control.source.reader.Finding;
import dev.weir.protos.Location;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A consistent model, and what was left out of it.
 *
 * @param owners who has what only one may have, for the next time
 * @param places where each resource stands, by kind and name as in {@code Service shop/cart}
 */
public record Linked(
    MeshModel model,
    List<Finding> findings,
    Map<String, String> owners,
    Map<String, Location> places) {
  public static final Linked NOTHING = new Linked(MeshModel.EMPTY, List.of(), Map.of(), Map.of());

  public Linked {
    findings = List.copyOf(findings);
    owners = Map.copyOf(owners);
    places = Map.copyOf(places);
  }

  /** {@code Service shop/cart (shop/cart.yaml:3)}; an object of a cluster by its name alone. */
  public String described(String resource) {
    Location place = places.get(resource);
    return place == null || place.line() == 0
        ? resource
        : "%s (%s:%d)".formatted(resource, place.file(), place.line());
  }

  /** How many resources there are of each kind. */
  public Map<String, Integer> kinds() {
    Map<String, Integer> kinds = new TreeMap<>();
    places
        .keySet()
        .forEach(name -> kinds.merge(name.substring(0, name.indexOf(' ')), 1, Integer::sum));
    return kinds;
  }

  /** The same with other findings. */
  public Linked with(List<Finding> others) {
    return new Linked(model, others, owners, places);
  }
}
