package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.cluster.RetryTokens;
import dev.weir.sidecar.route.CompiledRetry;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.stats.StatSlab;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** How many more attempts one request may have, and on which hosts. */
final class RetryState {
  /** Other hosts that are asked when one could not be reached, whatever the policy's number. */
  private static final int OTHER_HOSTS = 5;

  enum Admission {
    YES,
    /** On another host at once: no host has seen the request yet. */
    ELSEWHERE,
    /** The policy's number is used up. */
    LIMIT,
    /** The cluster's retry budget is. */
    BUDGET,
    /** The cluster has as many retries under way as its threshold allows. */
    PLACES
  }

  private final CompiledRetry policy;
  private final LiveCluster cluster;
  private final Resources resources;
  private final StatSlab slab;
  private final Loop loop;
  private final List<Host> tried = new ArrayList<>(2);
  private int retries;
  private int elsewhere;
  private boolean mustAvoidTried;
  private boolean holding;

  RetryState(
      CompiledRetry policy, LiveCluster cluster, Resources resources, StatSlab slab, Loop loop) {
    this.policy = policy;
    this.cluster = cluster;
    this.resources = resources;
    this.slab = slab;
    this.loop = loop;
  }

  CompiledRetry policy() {
    return policy;
  }

  @Nullable Host choose(Predicate<Host> unfit) {
    boolean avoids = mustAvoidTried || policy.policy().avoidPreviousHosts();
    Predicate<Host> unwanted = avoids && !tried.isEmpty() ? tried::contains : any -> false;
    Host host = cluster.choose(loop, slab, unfit, unwanted, 1);
    if (host != null) {
      tried.add(host);
    }
    return host;
  }

  /** A host that was not tried, and nothing speaks against; null if there is none. */
  @Nullable Host chooseOther(Predicate<Host> unfit) {
    if (!hasOthers()) {
      return null;
    }
    Predicate<Host> unwanted = host -> tried.contains(host) || unfit.test(host);
    Host host = cluster.choose(loop, slab, unwanted, any -> false, 1);
    return host == null || unwanted.test(host) ? null : host;
  }

  /** A copy goes to {@code host}. */
  void tried(Host host) {
    tried.add(host);
  }

  /**
   * @param untouched no host has seen anything of the request in the attempt that failed
   */
  Admission admit(boolean untouched) {
    if (untouched && elsewhere < OTHER_HOSTS && hasOthers()) {
      elsewhere++;
      mustAvoidTried = true;
      slab.inc(cluster.stats().rqRetry);
      return Admission.ELSEWHERE;
    }
    if (retries >= policy.policy().retries()) {
      slab.inc(cluster.stats().rqRetryLimitExceeded);
      return Admission.LIMIT;
    }
    Admission paid = pay();
    if (paid == Admission.YES) {
      retries++;
      slab.inc(cluster.stats().rqRetry);
    } else {
      slab.inc(cluster.stats().rqRetryOverflow);
    }
    return paid;
  }

  /** Takes what one more attempt costs: a place among the cluster's retries, and a token. */
  Admission pay() {
    if (!resources.beginRetry()) {
      return Admission.PLACES;
    }
    RetryTokens tokens = cluster.retryTokens();
    if (tokens != null && !tokens.tryRetry(loop.nanoTime())) {
      resources.endRetry();
      return Admission.BUDGET;
    }
    holding = true;
    return Admission.YES;
  }

  /** Whether there is a host that was not tried; the next attempt goes to one. */
  boolean otherHost() {
    boolean others = policy.policy().retries() > 0 && hasOthers();
    mustAvoidTried |= others;
    return others;
  }

  private boolean hasOthers() {
    List<Host> all = cluster.hosts().all();
    for (int i = 0; i < all.size(); i++) {
      if (!tried.contains(all.get(i))) {
        return true;
      }
    }
    return false;
  }

  long backOffNanos(SplittableRandom random) {
    return policy.backOffNanos(retries, random);
  }

  /** The attempt that was paid for begins: its place among the cluster's retries is its own. */
  boolean takePlace() {
    boolean had = holding;
    holding = false;
    return had;
  }

  /** There will be no attempt for the place that was paid for. */
  void end() {
    if (takePlace()) {
      resources.endRetry();
    }
  }
}
