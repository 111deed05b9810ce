package dev.weir.sidecar.xds;

import java.util.Collections;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;

/** What is wanted of one type and what is had of it; it outlives streams. Control thread. */
final class Subscription {
  private boolean wildcard;
  private SortedSet<String> names = Collections.emptySortedSet();

  /** Of the last SotW response that was taken whole. */
  private String version = "";

  /** Of each resource that is in force, for {@code initial_resource_versions}. */
  private final Map<String, String> versions = new TreeMap<>();

  void wantAll() {
    wildcard = true;
  }

  /** {@code wanted} must not change afterwards. */
  void want(SortedSet<String> wanted) {
    if (names.equals(wanted)) {
      return;
    }
    names = wanted;
    if (!wildcard) {
      versions.keySet().retainAll(names);
    }
  }

  /** That version is in force; what nobody asks for any more is in force nowhere. */
  void had(String name, String version) {
    if (wildcard || names.contains(name)) {
      versions.put(name, version);
    }
  }

  boolean isWanted() {
    return wildcard || !names.isEmpty();
  }

  boolean isWildcard() {
    return wildcard;
  }

  SortedSet<String> names() {
    return names;
  }

  String version() {
    return version;
  }

  void accept(String acceptedVersion) {
    version = acceptedVersion;
  }

  Map<String, String> versions() {
    return versions;
  }
}
