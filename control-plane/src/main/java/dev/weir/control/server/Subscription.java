package dev.weir.control.server;

import dev.weir.control.snapshot.Versioned;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What one stream wants of a type, has been sent of it, and said to it. Control thread. */
final class Subscription {
  /** More names than a mesh has services mean that a client went wrong. */
  static final int MAX_NAMES = 100_000;

  private static final String ABSENT = "";

  private final Set<String> names = new HashSet<>();
  private final Map<String, String> sent = new HashMap<>();
  private boolean wildcard;
  private boolean resumed;
  private boolean owesAnswer;
  private SortedSet<String> sentLast = new TreeSet<>();
  private String nonce = "";
  private boolean awaiting;

  /** The client has all it wants of this version, and nothing that is not in it; empty: of none. */
  private String upTo = "";

  private String versionSent = "";
  private String versionAcked = "";
  private Optional<Nack> nack = Optional.empty();

  /**
   * A refusal, by the client's own words.
   *
   * @param names of what was new in what it refused
   */
  record Nack(String version, SortedSet<String> names, String reason, Instant at) {}

  /** What to send: {@code absent} are names the client knows or wants and that are not there. */
  record Change(List<Versioned> changed, List<String> absent) {
    boolean isEmpty() {
      return changed.isEmpty() && absent.isEmpty();
    }
  }

  /** Begins with everything, and an answer even if that is nothing: it tells who answers. */
  void wantEverything() {
    wildcard = true;
    owesAnswer = true;
    upTo = "";
  }

  void stopWantingEverything() {
    wildcard = false;
    upTo = "";
    sent.keySet().retainAll(names);
    forgetRefusal();
  }

  /** The client wants these; what it asks for again it gets again. */
  void add(Iterable<String> added) {
    upTo = "";
    for (String name : added) {
      names.add(name);
      sent.remove(name);
    }
    if (names.size() > MAX_NAMES) {
      throw new IllegalArgumentException("more than " + MAX_NAMES + " names");
    }
  }

  void remove(Iterable<String> removed) {
    upTo = "";
    for (String name : removed) {
      names.remove(name);
      if (!wildcard) {
        sent.remove(name);
      }
    }
    forgetRefusal();
  }

  /** The client wants these and no others; what it has it keeps. */
  void replace(Set<String> wanted) {
    remove(names.stream().filter(name -> !wanted.contains(name)).toList());
    add(wanted.stream().filter(name -> !names.contains(name)).toList());
  }

  /** What the client has of these does not count; it gets them again. */
  void forget(Iterable<String> lost) {
    upTo = "";
    lost.forEach(sent::remove);
  }

  /** The client still has these, from a stream before. */
  void has(Map<String, String> versions) {
    sent.putAll(versions);
    resumed = true;
    upTo = "";
  }

  /** It has something from before, which it did not name. */
  void resume() {
    resumed = true;
  }

  /** Whether the client came with something it was sent by a stream before. */
  boolean resumed() {
    return resumed;
  }

  boolean wildcard() {
    return wildcard;
  }

  /** What of {@code target} the client wants. */
  SortedMap<String, Versioned> wanted(SortedMap<String, Versioned> target) {
    if (wildcard) {
      return target;
    }
    SortedMap<String, Versioned> wanted = new TreeMap<>();
    for (String name : names) {
      Versioned resource = target.get(name);
      if (resource != null) {
        wanted.put(name, resource);
      }
    }
    return wanted;
  }

  /** {@code target} and those of {@code old} that the client has still. */
  SortedMap<String, Versioned> keeping(
      SortedMap<String, Versioned> old, SortedMap<String, Versioned> target) {
    SortedMap<String, Versioned> keeping = new TreeMap<>(old);
    keeping.keySet().removeIf(name -> ABSENT.equals(sent.getOrDefault(name, ABSENT)));
    keeping.putAll(target);
    return keeping;
  }

  /** Whether there is nothing to say of this version: a look at every name is spared. */
  boolean isUpTo(String version) {
    return !owesAnswer && version.equals(upTo);
  }

  /**
   * What the client does not have of {@code target}.
   *
   * @param removals whether what it has may be taken away; else only that a name is not there
   */
  Change change(SortedMap<String, Versioned> target, boolean removals) {
    List<Versioned> changed = new ArrayList<>();
    for (String name : wildcard ? target.keySet() : names) {
      Versioned resource = target.get(name);
      if (resource != null && !resource.version().equals(sent.get(name))) {
        changed.add(resource);
      }
    }
    changed.sort(Comparator.comparing(Versioned::name));
    SortedSet<String> absent = new TreeSet<>();
    for (Set<String> known : List.of(names, sent.keySet())) {
      for (String name : known) {
        boolean told = ABSENT.equals(sent.get(name)) || (!removals && sent.containsKey(name));
        if (!told && !target.containsKey(name)) {
          absent.add(name);
        }
      }
    }
    return new Change(changed, List.copyOf(absent));
  }

  void sent(Change change, String version, String newNonce) {
    change.changed().forEach(resource -> sent.put(resource.name(), resource.version()));
    change
        .absent()
        .forEach(name -> {
          if (names.contains(name)) {
            sent.put(name, ABSENT);
          } else {
            sent.remove(name);
          }
        });
    upTo = "";
    sentLast = new TreeSet<>();
    change.changed().forEach(resource -> sentLast.add(resource.name()));
    nonce = newNonce;
    versionSent = version;
    awaiting = true;
    owesAnswer = false;
  }

  /**
   * There is nothing to say of this; a client that refused nothing is up to {@code version}.
   *
   * @param removals as in {@link #change}
   */
  void passOver(Change change, String version, boolean removals) {
    change.absent().forEach(name -> sent.put(name, ABSENT));
    if (!awaiting && nack.isEmpty()) {
      versionSent = version;
      versionAcked = version;
      upTo = removals ? version : "";
    }
  }

  /** Whether the last response had this nonce. */
  boolean sentLast(String answered) {
    return answered.equals(nonce);
  }

  /** The client took the last response, unless it refused it before. */
  void accepted() {
    if (awaiting) {
      awaiting = false;
      nack = Optional.empty();
      versionAcked = versionSent;
    }
  }

  /** The client refused the last response. */
  Nack refused(String reason, Instant now) {
    Nack refusal = new Nack(versionSent, sentLast, reason, now);
    awaiting = false;
    nack = Optional.of(refusal);
    return refusal;
  }

  /** What was refused and is not wanted any more is in nobody's way. */
  private void forgetRefusal() {
    if (!wildcard && nack.isPresent() && Collections.disjoint(names, nack.get().names())) {
      nack = Optional.empty();
    }
  }

  boolean owesAnswer() {
    return owesAnswer;
  }

  boolean awaiting() {
    return awaiting;
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

  int names() {
    return names.size();
  }
}
