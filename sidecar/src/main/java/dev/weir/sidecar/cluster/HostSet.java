package dev.weir.sidecar.cluster;

import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The hosts of a cluster at one moment, and how its requests are shared between their priorities
 * and states of health. Immutable. See {@link PriorityLoads}.
 */
public final class HostSet {
  public static final HostSet EMPTY = new HostSet(List.of(), 0, List.of(), false);

  private static final int MOST_SLOTS = 1024;

  /**
   * A part of the requests, and the hosts that it goes to.
   *
   * @param percent above 0; those of a set add up to 100
   * @param schedule each host as often as its weight says, spread out
   */
  record Share(int percent, List<Host> schedule) {}

  private final List<Host> all;
  private final int healthy;
  private final List<Share> shares;
  private final boolean panic;

  /** Made when it is asked for the first time: most are not. */
  private volatile @Nullable Map<SocketAddress, Host> byAddress;

  private volatile @Nullable Map<String, Host> byWords;

  private HostSet(List<Host> all, int healthy, List<Share> shares, boolean panic) {
    this.all = List.copyOf(all);
    this.healthy = healthy;
    this.shares = List.copyOf(shares);
    this.panic = panic;
  }

  /**
   * @param panicThreshold percent of hosts that must be fit; 0 is off
   * @param overprovisioning percent, Envoy's default is 140
   */
  static HostSet of(List<Host> hosts, int panicThreshold, int overprovisioning) {
    PriorityLoads loads = PriorityLoads.of(hosts, panicThreshold, overprovisioning);
    List<Share> shares = new ArrayList<>();
    loads
        .parts()
        .forEach(part -> {
          if (part.percent() > 0 && !part.hosts().isEmpty()) {
            shares.add(new Share(part.percent(), List.copyOf(spread(part.hosts()))));
          }
        });
    int fit = (int) hosts.stream().filter(PriorityLoads::fit).count();
    return new HostSet(hosts, fit, shares, loads.panic());
  }

  /** In the order of discovery. */
  public List<Host> all() {
    return all;
  }

  /** The host at an address, fit or not; null: there is none. */
  @Nullable Host at(SocketAddress address) {
    Map<SocketAddress, Host> known = byAddress;
    if (known == null) {
      Map<SocketAddress, Host> made = new HashMap<>();
      all.forEach(host -> made.putIfAbsent(host.socketAddress(), host));
      known = made;
      byAddress = known;
    }
    return known.get(address);
  }

  /** The host at an address, in words, that is fit for traffic; null: there is none. */
  @Nullable Host fitAt(String address) {
    Map<String, Host> known = byWords;
    if (known == null) {
      Map<String, Host> made = new HashMap<>();
      all.forEach(host -> {
        if (PriorityLoads.fit(host)) {
          made.putIfAbsent(host.toString(), host);
        }
      });
      known = made;
      byWords = known;
    }
    return known.get(address);
  }

  /** How many are fit for traffic. */
  public int healthy() {
    return healthy;
  }

  /** Too few hosts of a priority are fit, so that its unfit ones are used as well. */
  public boolean panic() {
    return panic;
  }

  /** How many parts the requests are shared in; 0 if there is nobody to choose. */
  public int shares() {
    return shares.size();
  }

  /** One of the shares, by chance, as its part says; 0 if there is but one. */
  public int share(SplittableRandom random) {
    int last = shares.size() - 1;
    if (last <= 0) {
      return 0;
    }
    int pick = random.nextInt(100);
    for (int i = 0; i < last; i++) {
      pick -= shares.get(i).percent();
      if (pick < 0) {
        return i;
      }
    }
    return last;
  }

  /** The hosts of a share, each as often as its weight says; not empty. */
  public List<Host> schedule(int share) {
    return shares.get(share).schedule();
  }

  /** Smooth weighted round robin, as nginx does it, laid out once. */
  private static List<Host> spread(List<Host> hosts) {
    long total = hosts.stream().mapToLong(host -> host.endpoint().weight()).sum();
    boolean equal =
        hosts.stream().mapToInt(host -> host.endpoint().weight()).distinct().count() <= 1;
    if (equal) {
      return hosts;
    }
    double scale = total > MOST_SLOTS ? (double) MOST_SLOTS / total : 1;
    int[] weights = new int[hosts.size()];
    int slots = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.max(1, (int) Math.round(hosts.get(i).endpoint().weight() * scale));
      slots += weights[i];
    }
    int[] current = new int[weights.length];
    List<Host> schedule = new ArrayList<>(slots);
    for (int slot = 0; slot < slots; slot++) {
      int best = 0;
      for (int i = 0; i < weights.length; i++) {
        current[i] += weights[i];
        if (current[i] > current[best]) {
          best = i;
        }
      }
      current[best] -= slots;
      schedule.add(hosts.get(best));
    }
    return schedule;
  }
}
