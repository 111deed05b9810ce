package dev.weir.sidecar.filter;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.route.RouteEntry;
import dev.weir.sidecar.route.UpstreamChain;
import java.util.Arrays;
import java.util.List;

/** A cluster's filters. Immutable. */
public final class UpstreamSlots implements UpstreamChain {
  public static final UpstreamSlots NONE = new UpstreamSlots(List.of());

  private static final UpstreamFilter[] NO_FILTERS = new UpstreamFilter[0];

  private final List<UpstreamSlot> slots;
  private final List<String> names;

  public UpstreamSlots(List<UpstreamSlot> slots) {
    this.slots = List.copyOf(slots);
    this.names = slots.stream().map(slot -> slot.config().name()).toList();
  }

  /** Those that are off too, for a route may switch them on. */
  public List<UpstreamSlot> slots() {
    return slots;
  }

  @Override
  public List<String> filterNames() {
    return names;
  }

  @Override
  public Object compileRoute(int index, FilterConfig config) {
    return slots.get(index).factory().compileRoute(config);
  }

  /** Makes the filters that concern an attempt of this choice, in the order of the request. */
  public UpstreamFilter[] newFilters(FilterContext stream, RouteEntry.Choice route) {
    int most = slots.size();
    if (most == 0) {
      return NO_FILTERS;
    }
    UpstreamFilter[] made = new UpstreamFilter[most];
    int count = 0;
    for (int i = 0; i < most; i++) {
      UpstreamSlot slot = slots.get(i);
      Object routeConfig = route.upstreamConfig(this, i);
      boolean disabled =
          route.upstreamDisabled(this, i) || slot.config().disabled() && routeConfig == null;
      UpstreamFilter filter = disabled ? null : slot.factory().create(stream, routeConfig);
      if (filter != null) {
        made[count++] = filter;
      }
    }
    return count == most ? made : Arrays.copyOf(made, count);
  }
}
