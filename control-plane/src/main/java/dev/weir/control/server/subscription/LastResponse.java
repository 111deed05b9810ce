package dev.weir.control.server.subscription;

import dev.weir.control.snapshot.Versioned;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The last response of a type on a stream, and what its client says to it. What it refuses stays
 * refused until it takes something else under one of the names, or these are gone. Control thread.
 */
final class LastResponse {
  /** Of a client's words. */
  private static final int LONGEST_REASON = 4096;

  private List<Versioned> resources = List.of();
  private String nonce = "";
  private boolean awaiting;
  private String version = "";
  private Duration at = Duration.ZERO;
  private String versionAcked = "";
  private Optional<Nack> nack = Optional.empty();

  /**
   * There is a newer one.
   *
   * @param sentAt since the start
   */
  void sent(List<Versioned> changed, String newVersion, String newNonce, Duration sentAt) {
    at = sentAt;
    resources = changed;
    nonce = newNonce;
    version = newVersion;
    awaiting = true;
  }

  /** A client that is owed nothing and refused nothing is up to {@code newest}. */
  void upTo(String newest) {
    if (!awaiting && nack.isEmpty()) {
      version = newest;
      versionAcked = newest;
    }
  }

  String nonce() {
    return nonce;
  }

  /** Whether it had this nonce. */
  boolean is(String answered) {
    return answered.equals(nonce);
  }

  /**
   * The client took it, unless it refused it before. What it refused earlier of other names stays
   * refused; if it took something else under one of them, the others come again: among them may be
   * what was right.
   *
   * @param whole whether the response had all that the client wants
   * @return names that come again
   */
  Collection<String> accepted(boolean whole) {
    if (!awaiting) {
      return List.of();
    }
    awaiting = false;
    versionAcked = version;
    List<Versioned> taken = resources;
    resources = List.of();
    if (nack.isEmpty()) {
      return List.of();
    }
    Set<String> names = new HashSet<>();
    taken.forEach(resource -> names.add(resource.name()));
    if (whole || nack.get().names().isEmpty()) {
      nack = Optional.empty();
    }
    return getOver(names);
  }

  /** These do not stand refused any more; returns those that were refused with them. */
  private Collection<String> getOver(Set<String> names) {
    if (nack.isEmpty() || Collections.disjoint(nack.get().names(), names)) {
      return List.of();
    }
    List<String> others =
        nack.get().names().stream().filter(name -> !names.contains(name)).toList();
    nack = Optional.empty();
    return others;
  }

  /** The client refused it. */
  Nack refused(String reason, Instant now) {
    SortedSet<String> refused = new TreeSet<>();
    nack.ifPresent(before -> refused.addAll(before.names()));
    resources.forEach(resource -> refused.add(resource.name()));
    Nack refusal = new Nack(version, refused, cut(reason), now);
    awaiting = false;
    nack = Optional.of(refusal);
    return refusal;
  }

  private static String cut(String reason) {
    return reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) + "..." : reason;
  }

  /**
   * What was refused and is over is in nobody's way.
   *
   * @return names that come again, because they were refused with such
   */
  Collection<String> forget(Predicate<String> over) {
    if (nack.isEmpty()) {
      return List.of();
    }
    return getOver(nack.get().names().stream().filter(over).collect(Collectors.toSet()));
  }

  /** Whether its client has not answered it yet. */
  boolean awaiting() {
    return awaiting;
  }

  /** When it was sent, since the start. */
  Duration at() {
    return at;
  }

  String version() {
    return version;
  }

  String versionAcked() {
    return versionAcked;
  }

  Optional<Nack> nack() {
    return nack;
  }
}
