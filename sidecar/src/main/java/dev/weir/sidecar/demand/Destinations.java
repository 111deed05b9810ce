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
  /** Asked for at once; of more, the oldest is given up that is no service's or not answered. */
  static final int MOST = 1024;

  /** What is known of a destination; of those that are not here nothing is. */
  private enum Answer {
    /** A service is there. */
    SERVICE,
    /** None is. */
    NOBODY,
    /** Somebody waited as long as one may: others do not, until there is an answer. */
    LATE
  }

  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final Map<String, Set<Waiting>> waiting = new ConcurrentHashMap<>();
  private final Executor control;
  private final Consumer<String> log;
  private final Set<String> asked = new LinkedHashSet<>();
  private SortedSet<String> wanted = Collections.emptySortedSet();
  private Runnable changed = () -> {};
  private boolean toldFull;

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
    private final String name;
    private final Loop loop;
    private final Runnable look;

    private Waiting(String name, Loop loop, Runnable look) {
      this.name = name;
      this.loop = loop;
      this.look = look;
    }

    /** It waits no more. Any thread. */
    public void end() {
      waiting.computeIfPresent(
          name,
          (key, all) -> {
            all.remove(this);
            return all.isEmpty() ? null : all;
          });
    }

    private void look() {
      loop.eventLoop().execute(look);
    }
  }

  /** As the control plane names a destination. */
  public static String name(InetSocketAddress destination) {
    return destination.getAddress().getHostAddress() + ":" + destination.getPort();
  }

  /**
   * Whether it is of no use to wait for a chain: no service is there, or the control plane did not
   * say in time what is. Any thread.
   */
  public boolean isInVain(String name) {
    Answer answer = answers.get(name);
    return answer == Answer.NOBODY || answer == Answer.LATE;
  }

  /**
   * Asks what is at a destination, and has {@code look} run on {@code loop} whenever there may be
   * something new, until the waiting ends. Any thread.
   */
  public Waiting await(String name, Loop loop, Runnable look) {
    Waiting one = new Waiting(name, loop, look);
    waiting.compute(
        name,
        (key, all) -> {
          Set<Waiting> more = all == null ? ConcurrentHashMap.newKeySet() : all;
          more.add(one);
          return more;
        });
    control.execute(() -> {
      ask(name);
      one.look(); // The answer may have come between.
    });
    return one;
  }

  private void ask(String name) {
    if (asked.contains(name)) {
      return;
    }
    if (asked.size() >= MOST && !giveUpOne()) {
      if (!toldFull) {
        toldFull = true;
        log.accept(
            "the app calls services at more than %d destinations; what is at %s and others is not"
                    .formatted(MOST, name)
                + " asked for any more, and calls to them go on as to no service");
      }
      return;
    }
    asked.add(name);
    want();
  }

  private boolean giveUpOne() {
    for (String name : asked) {
      if (answers.get(name) != Answer.SERVICE) {
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
      if (asked.contains(name) && answers.putIfAbsent(name, Answer.LATE) == null) {
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
      answers.put(name, Answer.SERVICE);
      lookAgain(name);
    }
    for (String name : absent) {
      if (asked.contains(name)) {
        answers.put(name, Answer.NOBODY);
      }
      lookAgain(name);
    }
    if (more) {
      want();
    }
  }

  private void lookAgain(String name) {
    waiting.getOrDefault(name, Set.of()).forEach(Waiting::look);
  }

  @Override
  public void onChange(Runnable run) {
    changed = run;
  }

  /** Listeners in force are other ones. Control thread. */
  public void lookAgain() {
    waiting.values().forEach(all -> all.forEach(Waiting::look));
  }
}
