package dev.weir.control.server.subscription;

import dev.weir.control.server.subscription.Owed.Claimed;
import dev.weir.control.server.subscription.Owed.Has;
import dev.weir.control.server.subscription.Owed.Mark;
import dev.weir.control.snapshot.Versioned;
import dev.weir.control.snapshot.View;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one stream wants of a type, has been sent of it, and said to it. Control thread.
 *
 * <p>It holds the view that the client is brought to, and what it is still {@link Owed}: the names
 * of that view, or gone from it, that the client does not have as they are. Of everything else the
 * client has what the view has, so that a mesh at rest costs a stream its names and nothing more,
 * and a new view what differs from the one before. What becomes of a response, taken or refused, is
 * the {@link LastResponse}'s: it says which names come again.
 */
public final class Subscription {
  /** More names than a mesh has services mean that a client went wrong. */
  public static final int MAX_NAMES = 100_000;

  /** Namespace and name of a service, with what goes around them, have fewer characters. */
  static final int LONGEST_NAME = 1024;

  /** Ours are shorter: who says a longer one has something else. */
  private static final int LONGEST_VERSION = 64;

  private NameSet names = NameSet.EMPTY;
  private boolean wildcard;
  private View view;

  /** What the client has that is not what it is to have. */
  private final Owed owed = new Owed();

  /** Of those that it wants, or is owed an answer to. */
  private @Nullable StrangeNames strange;

  private final LastResponse last = new LastResponse();
  private boolean resumed;
  private boolean owesAnswer;

  /** A client that has nothing yet, and shall have what it will want of {@code view}. */
  public Subscription(View view) {
    this.view = view;
  }

  /**
   * From now on it shall have what it wants of {@code next}.
   *
   * @throws IllegalArgumentException for a client that does not take in what went before
   */
  public void advance(View next) {
    View before = view;
    if (next == before) {
      return;
    }
    view = next;
    next.since(
        before,
        new View.Difference() {
          @Override
          public void changed(Versioned now, @Nullable Versioned old) {
            strangeNoMore(now.name());
            owe(now.name(), old);
          }

          @Override
          public void gone(Versioned old) {
            owe(old.name(), old);
          }
        });
    checkOwed();
    forgetRefusal();
  }

  private void owe(String name, @Nullable Versioned old) {
    if (wants(name)) {
      owed.putIfAbsent(name, Owed.has(old));
    }
  }

  private void checkOwed() {
    if (owed.size() > 2 * MAX_NAMES) {
      throw new IllegalArgumentException(
          "this client has not taken in more than " + 2 * MAX_NAMES + " changes");
    }
  }

  /** About what names take, in bytes, that the client has said and the mesh does not have. */
  public long said() {
    return strange == null ? 0 : strange.bytes();
  }

  private void addIfStrange(String name) {
    if (view.get(name) == null) {
      if (strange == null) {
        strange = new StrangeNames();
      }
      strange.add(name);
    }
  }

  private void strangeNoMore(String name) {
    if (strange != null) {
      strange.remove(name);
      strange = strange.bytes() == 0 ? null : strange;
    }
  }

  private boolean wants(String name) {
    return wildcard || names.contains(name);
  }

  /** What the client has of a name that it wants. */
  private Has has(String name) {
    Has known = owed.get(name);
    if (known != null) {
      return known;
    }
    return Owed.has(view.get(name));
  }

  /** Begins with everything, and an answer even if that is nothing: it tells who answers. */
  void wantEverything() {
    if (!wildcard) {
      view.forEach(resource -> {
        if (!names.contains(resource.name())) {
          owed.put(resource.name(), Mark.NOTHING);
        }
      });
      wildcard = true;
    }
    owesAnswer = true;
  }

  void stopWantingEverything() {
    wildcard = false;
    owed.removeIf(name -> {
      boolean unwanted = !names.contains(name);
      if (unwanted) {
        strangeNoMore(name);
      }
      return unwanted;
    });
    forgetRefusal();
  }

  /**
   * The client wants these; what it asks for again it gets again.
   *
   * @throws IllegalArgumentException if these are too many
   */
  void add(Collection<String> added) {
    check(added);
    for (String name : added) {
      if (!names.contains(name)) {
        addIfStrange(name);
      }
      if (wants(name)) {
        oweAgain(name);
      } else {
        owed.put(name, Mark.NOTHING);
      }
    }
    names = names.with(added, this::shared);
    if (names.size() > MAX_NAMES) {
      throw new IllegalArgumentException("more than " + MAX_NAMES + " names");
    }
  }

  private static void check(Collection<String> said) {
    if (said.size() > MAX_NAMES) {
      throw new IllegalArgumentException("more than " + MAX_NAMES + " names");
    }
    if (said.stream().anyMatch(name -> name.length() > LONGEST_NAME)) {
      throw new IllegalArgumentException("a name of more than " + LONGEST_NAME + " characters");
    }
  }

  private String shared(String name) {
    Versioned known = view.get(name);
    return known == null ? name : known.name();
  }

  /** The client gets it again, or is told again that it is not there. */
  private void oweAgain(String name) {
    owed.put(name, has(name) == Mark.NOTHING ? Mark.NOTHING : Mark.SOMETHING);
  }

  /** A client that wants everything still wants these, and is told of them as they are. */
  void remove(Collection<String> removed) {
    Set<String> set = new HashSet<>(removed);
    names = names.without(set::contains);
    for (String name : set) {
      if (wildcard && (view.get(name) != null || has(name) != Mark.NOTHING)) {
        oweAgain(name);
      } else {
        owed.remove(name);
        strangeNoMore(name);
      }
    }
    forgetRefusal();
  }

  /** The client wants these and no others; what it has it keeps. */
  void replace(Set<String> wanted) {
    List<String> removed = new ArrayList<>();
    for (String name : names.all()) {
      if (!wanted.contains(name)) {
        removed.add(name);
      }
    }
    List<String> added = wanted.stream().filter(name -> !names.contains(name)).toList();
    if (!removed.isEmpty()) {
      remove(removed);
    }
    if (!added.isEmpty()) {
      add(added);
    }
  }

  /** The client gets these again, if it wants them. */
  public void again(Collection<Versioned> lost) {
    for (Versioned resource : lost) {
      if (wants(resource.name())) {
        oweAgain(resource.name());
      }
    }
  }

  /** The client still has these, in versions from a stream before. */
  void has(Map<String, String> versions) {
    check(versions.keySet());
    versions.forEach((name, version) -> {
      if (wants(name)) {
        addIfStrange(name);
        owed.put(name, version.length() > LONGEST_VERSION ? Mark.SOMETHING : new Claimed(version));
      }
    });
    resumed = true;
  }

  /** It has something from before of what it wants, and did not say what. */
  void resume() {
    owed.resume();
    resumed = true;
  }

  /** Whether the client came with something it was sent by a stream before. */
  public boolean resumed() {
    return resumed;
  }

  boolean wildcard() {
    return wildcard;
  }

  /** All that the client wants, with what it may still refer to if that is not to be taken away. */
  public List<Versioned> wanted(boolean removals) {
    List<Versioned> wanted = new ArrayList<>();
    if (wildcard) {
      view.forEach(wanted::add);
    } else {
      for (String name : names.all()) {
        Versioned resource = view.get(name);
        if (resource != null) {
          wanted.add(resource);
        }
      }
    }
    if (!removals) {
      wanted.addAll(owed.gone(view));
    }
    wanted.sort(Comparator.comparing(Versioned::name));
    return wanted;
  }

  /** About how many bytes all make that the client wants. */
  public long size() {
    return wanted(true).stream().mapToLong(one -> one.resource().getSerializedSize()).sum();
  }

  /** Whether the client has something that is gone. */
  public boolean keeps() {
    return owed.keeps(view);
  }

  /** Whether there is nothing to say. */
  public boolean isSettled() {
    return owed.isEmpty() && !owesAnswer;
  }

  /**
   * What the client is owed.
   *
   * @param removals whether what it has may be taken away; else only that a name is not there
   * @param held names of which nothing is said yet to a client that has something of them
   */
  public Change change(boolean removals, Predicate<String> held) {
    return owed.change(view, names, removals, held, this::strangeNoMore);
  }

  /**
   * @param at since the start
   */
  public void sent(Change change, String version, String newNonce, Duration at) {
    settle(change);
    last.sent(change.changed(), version, newNonce, at);
    owesAnswer = false;
  }

  /** Of this everything is said, or there is nothing to say of it. */
  public void settle(Change change) {
    owed.settle(change);
    for (String name : change.absent()) {
      if (!names.contains(name)) {
        strangeNoMore(name);
      }
    }
  }

  /** A client that is owed nothing and refused nothing is up to {@code version}. */
  public void upTo(String version) {
    last.upTo(version);
  }

  /** Whether the last response had this nonce. */
  public boolean sentLast(String answered) {
    return last.is(answered);
  }

  /**
   * The client took the last response, unless it refused it before. What it refused earlier of
   * other names stays refused; if it took something else under one of them, the others come again:
   * among them may be what was right.
   *
   * @param whole whether the response had all that the client wants
   */
  public void accepted(boolean whole) {
    comeAgain(last.accepted(whole));
  }

  private void comeAgain(Collection<String> refused) {
    for (String name : refused) {
      if (wants(name) && view.get(name) != null) {
        oweAgain(name);
      }
    }
  }

  /** The client refused the last response. */
  public Nack refused(String reason, Instant now) {
    return last.refused(reason, now);
  }

  /** What was refused and is gone, or not wanted any more, is in nobody's way. */
  private void forgetRefusal() {
    comeAgain(last.forget(name -> !wants(name) || view.get(name) == null));
  }

  public boolean owesAnswer() {
    return owesAnswer;
  }

  public boolean awaiting() {
    return last.awaiting();
  }

  /** Of the last response. */
  public String nonceSent() {
    return last.nonce();
  }

  /** When the last response was, since the start. */
  public Duration sentAt() {
    return last.at();
  }

  public String versionSent() {
    return last.version();
  }

  public String versionAcked() {
    return last.versionAcked();
  }

  public Optional<Nack> nack() {
    return last.nack();
  }

  /** The names that the client wants; the same object until they are others. */
  public NameSet names() {
    return names;
  }
}
