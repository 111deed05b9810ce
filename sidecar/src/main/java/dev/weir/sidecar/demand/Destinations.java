package dev.weir.sidecar.demand;

import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.xds.store.Demands;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Destinations that no filter chain takes, and what the control plane said of them. Connections
 * wait here on their event loops; everything else is on the control thread.
 */
public final class Destinations implements Demands {
  /** Asked for at once; of more the oldest where no service is are given up. */
  static final int MOST = 1024;

  /** By name, whether a service is there; of those that are not here nothing is known. */
  private final Map<String, Boolean> answers = new ConcurrentHashMap<>();

  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private final Executor control;
  private final Consumer<String> log;
  private final Set<String> asked = new LinkedHashSet<>();
  private final Set<String> told = new LinkedHashSet<>();
  private SortedSet<String> wanted = Collections.emptySortedSet();
  private Runnable changed = () -> {};

  /**
   * @param control runs what is handed to it on the control thread
   * @param log told of what was not answered, a line each destination
   */
  public Destinations(Executor control, Consumer<String> log) {
    this.control = control;
    this.log = log;
  }

  /** A connection that waits; by identity. */
  public final class Waiting {
    private final Loop loop;
    private final Runnable look;

    private Waiting(Loop loop, Runnable look) {
      this.loop = loop;
      this.look = look;
    }

    /** It waits no more. Any thread. */
    public void end() {
      waiting.remove(this);
    }
  }

  /** As the control plane names a destination. */
  public static String name(InetSocketAddress destination) {
    return destination.getAddress().getHostAddress() + ":" + destination.getPort();
  }

  /** Whether the control plane said that no service is there. Any thread. */
  public boolean isNobodys(String name) {
    return Boolean.FALSE.equals(answers.get(name));
  }

  /**
   * Asks what is at a destination, and has {@code look} run on {@code loop} whenever there may be
   * something new, until the waiting ends. Any thread.
   */
  public Waiting await(String name, Loop loop, Runnable look) {
    Waiting one = new Waiting(loop, look);
    waiting.add(one);
    control.execute(() -> ask(name));
    return one;
  }

  private void ask(String name) {
    if (asked.contains(name)) {
      lookAgain(); // The answer may have come between.
      return;
    }
    if (asked.size() >= MOST && !giveUpOne()) {
      log.accept(
          "not asked for what is at %s: %d destinations are asked for already"
              .formatted(name, MOST));
      return;
    }
    asked.add(name);
    want();
  }

  private boolean giveUpOne() {
    for (String name : asked) {
      if (isNobodys(name)) {
        asked.remove(name);
        answers.remove(name);
        return true;
      }
    }
    return false;
  }

  private void want() {
    wanted = Collections.unmodifiableSortedSet(new TreeSet<>(asked));
    changed.run();
  }

  /** A connection waited as long as it may. Any thread. */
  public void late(String name) {
    control.execute(() -> {
      if (told.size() < MOST && told.add(name)) {
        log.accept(
            "the control plane did not say in time what is at %s; calls to it go on as to no service"
                .formatted(name));
      }
    });
  }

  @Override
  public SortedSet<String> wanted() {
    return wanted;
  }

  @Override
  public void answered(Collection<String> present, Collection<String> absent) {
    boolean more = false;
    for (String name : present) {
      more |= asked.add(name); // what a run before had asked for
      answers.put(name, true);
    }
    for (String name : absent) {
      if (asked.contains(name)) {
        answers.put(name, false);
      }
    }
    present.forEach(told::remove);
    absent.forEach(told::remove);
    if (more) {
      want();
    }
    lookAgain();
  }

  @Override
  public void onChange(Runnable run) {
    changed = run;
  }

  /** Listeners in force are other ones, or an answer has come. Control thread. */
  public void lookAgain() {
    waiting.forEach(one -> one.loop.eventLoop().execute(one.look));
  }
}
