package dev.weir.control.server;

import dev.weir.control.snapshot.Versioned;
import dev.weir.control.snapshot.View;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one stream wants of a type, has been sent of it, and said to it. Control thread.
 *
 * <p>It holds the view that the client is brought to, and what it is still owed: the names of that
 * view, or gone from it, that the client does not have as they are. Of everything else the client
 * has what the view has, so that a mesh at rest costs a stream its names and nothing more, and a
 * new view what differs from the one before.
 */
final class Subscription {
  /** More names than a mesh has services mean that a client went wrong. */
  static final int MAX_NAMES = 100_000;

  /** Of a client's words. */
  private static final int LONGEST_REASON = 4096;

  /** Namespace and name of a service, with what goes around them, have fewer characters. */
  static final int LONGEST_NAME = 1024;

  /** Ours are shorter: who says a longer one has something else. */
  private static final int LONGEST_VERSION = 64;

  /** What a name takes beside its characters. */
  private static final int NAME_BYTES = 100;

  private NameSet names = NameSet.EMPTY;
  private boolean wildcard;
  private View view;

  /** By name, what the client has instead. */
  private Map<String, Has> owed = new HashMap<>();

  /** Names of those that it wants, or is owed an answer to, that the mesh did not have. */
  private final Set<String> strange = new HashSet<>();

  /** What these take. */
  private long said;

  private boolean resumed;
  private boolean owesAnswer;
  private List<Versioned> sentLast = List.of();
  private String nonce = "";
  private boolean awaiting;
  private String versionSent = "";
  private Duration sentAt = Duration.ZERO;
  private String versionAcked = "";
  private Optional<Nack> nack = Optional.empty();

  /** What a client has of a name. */
  private sealed interface Has {}

  /** Nothing, or something that has to be sent again whatever it is. */
  private enum Mark implements Has {
    NOTHING,
    SOMETHING
  }

  private record Old(Versioned resource) implements Has {}

  /** Something from a stream before, in a version that it says. */
  private record Claimed(String version) implements Has {}

  /**
   * A refusal, by the client's own words.
   *
   * @param names of what was new in what it refused
   */
  record Nack(String version, SortedSet<String> names, String reason, Instant at) {
    /** Those of the names that its words have; all if they have none. */
    List<String> accused() {
      List<String> said = names.stream().filter(reason::contains).toList();
      return said.isEmpty() ? List.copyOf(names) : said;
    }
  }

  /** What to send: {@code absent} are names the client knows or wants and that are not there. */
  record Change(List<Versioned> changed, List<String> absent) {
    boolean isEmpty() {
      return changed.isEmpty() && absent.isEmpty();
    }

    /** About how many bytes it makes. */
    long size() {
      return changed.stream().mapToLong(one -> one.resource().getSerializedSize()).sum();
    }
  }

  /** A client that has nothing yet, and shall have what it will want of {@code view}. */
  Subscription(View view) {
    this.view = view;
  }

  /**
   * From now on it shall have what it wants of {@code next}.
   *
   * @throws IllegalArgumentException for a client that does not take in what went before
   */
  void advance(View next) {
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
            notStrange(now.name());
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
      owed.putIfAbsent(name, old == null ? Mark.NOTHING : new Old(old));
    }
  }

  private void checkOwed() {
    if (owed.size() > 2 * MAX_NAMES) {
      throw new IllegalArgumentException(
          "this client has not taken in more than " + 2 * MAX_NAMES + " changes");
    }
  }

  private void strange(String name) {
    if (view.get(name) == null && strange.add(name)) {
      said += NAME_BYTES + name.length();
    }
  }

  private void notStrange(String name) {
    if (strange.remove(name)) {
      said -= NAME_BYTES + name.length();
    }
  }

  /** About what names take, in bytes, that the client has said and the mesh does not have. */
  long said() {
    return said;
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
    Versioned resource = view.get(name);
    return resource == null ? Mark.NOTHING : new Old(resource);
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
    owed.keySet()
        .removeIf(name -> {
          boolean unwanted = !names.contains(name);
          if (unwanted) {
            notStrange(name);
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
        strange(name);
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
        notStrange(name);
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
  void again(Collection<Versioned> lost) {
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
        strange(name);
        owed.put(name, version.length() > LONGEST_VERSION ? Mark.SOMETHING : new Claimed(version));
      }
    });
    resumed = true;
  }

  /** It has something from before of what it wants, and did not say what. */
  void resume() {
    owed.replaceAll((name, has) -> has == Mark.NOTHING ? Mark.SOMETHING : has);
    resumed = true;
  }

  /** Whether the client came with something it was sent by a stream before. */
  boolean resumed() {
    return resumed;
  }

  boolean wildcard() {
    return wildcard;
  }

  /** All that the client wants, with what it may still refer to if that is not to be taken away. */
  List<Versioned> wanted(boolean removals) {
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
      wanted.addAll(kept());
    }
    wanted.sort(Comparator.comparing(Versioned::name));
    return wanted;
  }

  /** About how many bytes all make that the client wants. */
  long size() {
    return wanted(true).stream().mapToLong(one -> one.resource().getSerializedSize()).sum();
  }

  /** Whether the client has something that is gone. */
  boolean keeps() {
    return !kept().isEmpty();
  }

  private List<Versioned> kept() {
    List<Versioned> kept = new ArrayList<>();
    owed.forEach((name, has) -> {
      if (has instanceof Old old && view.get(name) == null) {
        kept.add(old.resource());
      }
    });
    return kept;
  }

  /** Whether there is nothing to say. */
  boolean isSettled() {
    return owed.isEmpty() && !owesAnswer;
  }

  /**
   * What the client is owed.
   *
   * @param removals whether what it has may be taken away; else only that a name is not there
   * @param held names of which nothing is said yet to a client that has something of them
   */
  Change change(boolean removals, Predicate<String> held) {
    List<Versioned> changed = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    owed.entrySet()
        .removeIf(entry -> {
          String name = entry.getKey();
          Has has = entry.getValue();
          Versioned now = view.get(name);
          if (now != null) {
            if (isIn(has, now.version())) {
              return true;
            }
            if (has == Mark.NOTHING || !held.test(name)) {
              changed.add(now);
            }
          } else if (has == Mark.NOTHING) {
            if (!names.contains(name)) {
              notStrange(name);
              return true; // It came and went unseen.
            }
            absent.add(name);
          } else if (removals) {
            absent.add(name);
          }
          return false;
        });
    changed.sort(Comparator.comparing(Versioned::name));
    Collections.sort(absent);
    return new Change(changed, absent);
  }

  private static boolean isIn(Has has, String version) {
    return switch (has) {
      case Old old -> old.resource().version().equals(version);
      case Claimed claimed -> claimed.version().equals(version);
      case Mark mark -> false;
    };
  }

  /**
   * @param at since the start
   */
  void sent(Change change, String version, String newNonce, Duration at) {
    settle(change);
    sentAt = at;
    sentLast = change.changed();
    nonce = newNonce;
    versionSent = version;
    awaiting = true;
    owesAnswer = false;
  }

  /** Of this everything is said, or there is nothing to say of it. */
  void settle(Change change) {
    change.changed().forEach(resource -> owed.remove(resource.name()));
    for (String name : change.absent()) {
      owed.remove(name);
      if (!names.contains(name)) {
        notStrange(name);
      }
    }
    if (owed.isEmpty()) {
      owed = new HashMap<>(); // without the room that the first response took
    }
  }

  /** A client that is owed nothing and refused nothing is up to {@code version}. */
  void upTo(String version) {
    if (!awaiting && nack.isEmpty()) {
      versionSent = version;
      versionAcked = version;
    }
  }

  /** Whether the last response had this nonce. */
  boolean sentLast(String answered) {
    return answered.equals(nonce);
  }

  /**
   * The client took the last response, unless it refused it before. What it refused earlier of
   * other names stays refused; if it took something else under one of them, the others come again:
   * among them may be what was right.
   *
   * @param whole whether the response had all that the client wants
   */
  void accepted(boolean whole) {
    if (awaiting) {
      awaiting = false;
      versionAcked = versionSent;
      Set<String> names = new HashSet<>();
      sentLast.forEach(resource -> names.add(resource.name()));
      if (whole || nack.isPresent() && nack.get().names().isEmpty()) {
        nack = Optional.empty();
      } else {
        getOver(names);
      }
      sentLast = List.of();
    }
  }

  /** These do not stand refused any more. */
  private void getOver(Set<String> names) {
    nack.filter(refusal -> !Collections.disjoint(refusal.names(), names))
        .ifPresent(refusal -> {
          nack = Optional.empty();
          for (String name : refusal.names()) {
            if (!names.contains(name) && wants(name) && view.get(name) != null) {
              oweAgain(name);
            }
          }
        });
  }

  /** The client refused the last response. */
  Nack refused(String reason, Instant now) {
    SortedSet<String> refused = new TreeSet<>();
    nack.ifPresent(before -> refused.addAll(before.names()));
    sentLast.forEach(resource -> refused.add(resource.name()));
    Nack refusal = new Nack(versionSent, refused, cut(reason), now);
    awaiting = false;
    nack = Optional.of(refusal);
    return refusal;
  }

  private static String cut(String reason) {
    return reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) + "..." : reason;
  }

  /** What was refused and is gone, or not wanted any more, is in nobody's way. */
  private void forgetRefusal() {
    if (nack.isPresent()) {
      Set<String> over = new HashSet<>();
      for (String name : nack.get().names()) {
        if (!wants(name) || view.get(name) == null) {
          over.add(name);
        }
      }
      getOver(over);
    }
  }

  boolean owesAnswer() {
    return owesAnswer;
  }

  boolean awaiting() {
    return awaiting;
  }

  /** When the last response was, since the start. */
  Duration sentAt() {
    return sentAt;
  }

  String versionSent() {
    return versionSent;
  }

  String versionAcked() {
    return versionAcked;
  }

  Optional<Nack> nack() {
    return nack;
  }

  /** The names that the client wants; the same object until they are others. */
  NameSet names() {
    return names;
  }
}
