package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.xds.Resource;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The resources of one type: those in force, and newer ones that wait. A static one has no resource
 * and stays. Control thread.
 */
final class Table<T> {
  /** Of what was refused, so much is kept as it came. */
  static final int MOST_REFUSED_BYTES = 4 << 20;

  private final InstantSource clock;
  private final Map<String, Entry<T>> active = new LinkedHashMap<>();
  private final Map<String, Entry<T>> warming = new LinkedHashMap<>();
  private final Map<String, ResourceFact.Refusal> refusals = new TreeMap<>();
  private long refusedBytes;

  Table(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * @param resource empty for what came with the bootstrap
   * @param since when its content came
   */
  record Entry<T>(Optional<Resource> resource, T value, Instant since) {
    boolean isStatic() {
      return resource.isEmpty();
    }

    Optional<ResourceFact.Held> held() {
      return resource.map(known -> new ResourceFact.Held(known, since));
    }
  }

  void putStatic(String name, T value) {
    warming.put(name, new Entry<>(Optional.empty(), value, clock.instant()));
  }

  /** False if a static one has the name. */
  boolean isFree(String name) {
    Entry<T> entry = newest(name);
    return entry == null || !entry.isStatic();
  }

  /** Whether the newest of the name has the very same content. */
  boolean has(Resource resource) {
    Entry<T> entry = newest(resource.name());
    return entry != null
        && entry.resource().filter(known -> known.body().equals(resource.body())).isPresent();
  }

  void put(Resource resource, T value) {
    forgive(resource.name());
    warming.put(resource.name(), new Entry<>(Optional.of(resource), value, clock.instant()));
  }

  /** The same content under another version. */
  void touch(Resource resource) {
    forgive(resource.name());
    Map<String, Entry<T>> where = warming.containsKey(resource.name()) ? warming : active;
    where.computeIfPresent(
        resource.name(),
        (name, entry) -> new Entry<>(Optional.of(resource), entry.value(), entry.since()));
  }

  /**
   * Notes a refusal; not that of what has a static one's name, which is not told of.
   *
   * @param resource as it came; empty if nobody knows it any more
   */
  void refuse(String name, Optional<Resource> resource, String reason) {
    if (!isFree(name)) {
      return;
    }
    forgive(name);
    Optional<Resource> kept =
        resource.filter(each -> refusedBytes + bytes(each) <= MOST_REFUSED_BYTES);
    kept.ifPresent(each -> refusedBytes += bytes(each));
    refusals.put(
        name,
        new ResourceFact.Refusal(reason, resource.map(Resource::version), kept, clock.instant()));
  }

  /** What was refused of these names is over. */
  void forgive(Collection<String> names) {
    names.forEach(this::forgive);
  }

  private void forgive(String name) {
    ResourceFact.Refusal before = refusals.remove(name);
    if (before != null) {
      before.resource().ifPresent(each -> refusedBytes -= bytes(each));
    }
  }

  private static int bytes(Resource resource) {
    return resource.body().getValue().size();
  }

  /** The newest that waits is not to come into force: what is stays. */
  void withdraw(String name) {
    warming.remove(name);
  }

  /** Returns whether something in force is gone. */
  boolean remove(Collection<String> names) {
    boolean changed = false;
    for (String name : names) {
      if (isFree(name)) {
        warming.remove(name);
        forgive(name);
        changed |= active.remove(name) != null;
      }
    }
    return changed;
  }

  /** Removes what is not among {@code names}; returns whether something in force is gone. */
  boolean retain(Set<String> names) {
    Set<String> others = names();
    others.addAll(refusals.keySet());
    others.removeAll(names);
    return remove(others);
  }

  /** Puts in force what is ready; returns the names. */
  List<String> promote(Predicate<T> ready) {
    List<String> promoted = new ArrayList<>();
    warming.forEach((name, entry) -> {
      if (ready.test(entry.value())) {
        promoted.add(name);
      }
    });
    for (String name : promoted) {
      Entry<T> entry = warming.remove(name);
      if (entry != null) {
        active.put(name, entry);
      }
    }
    return promoted;
  }

  private @Nullable Entry<T> newest(String name) {
    Entry<T> entry = warming.get(name);
    return entry == null ? active.get(name) : entry;
  }

  Optional<T> newestOf(String name) {
    return Optional.ofNullable(newest(name)).map(Entry::value);
  }

  /** Of each name the newest, in force or waiting. */
  List<T> newest() {
    return List.copyOf(newestByName().values());
  }

  Map<String, T> newestByName() {
    Map<String, T> newest = activeByName();
    warming.forEach((name, entry) -> newest.put(name, entry.value()));
    return newest;
  }

  /** Names of all, in force and waiting. */
  Set<String> names() {
    Set<String> names = new TreeSet<>(active.keySet());
    names.addAll(warming.keySet());
    return names;
  }

  boolean isActive(String name) {
    return active.containsKey(name);
  }

  boolean isWarming(String name) {
    return warming.containsKey(name);
  }

  boolean hasWarming() {
    return !warming.isEmpty();
  }

  Optional<T> active(String name) {
    return Optional.ofNullable(active.get(name)).map(Entry::value);
  }

  List<T> active() {
    return active.values().stream().map(Entry::value).toList();
  }

  Map<String, T> activeByName() {
    Map<String, T> values = new LinkedHashMap<>();
    active.forEach((name, entry) -> values.put(name, entry.value()));
    return values;
  }

  /** In force and waiting, the older and the newer of a name. */
  List<T> all() {
    List<T> all = new ArrayList<>(active());
    warming.values().forEach(entry -> all.add(entry.value()));
    return all;
  }

  /** Of what is in force, what has streamed. */
  List<Resource> resources() {
    return active.values().stream().flatMap(entry -> entry.resource().stream()).toList();
  }

  /** The newest of a name, if it has streamed. */
  Optional<Resource> newestResource(String name) {
    return Optional.ofNullable(newest(name)).flatMap(Entry::resource);
  }

  /**
   * By name.
   *
   * @param asked names that are asked for, and may not be here
   */
  List<ResourceFact> facts(Collection<String> asked, Function<String, ResourceFact.Asked> how) {
    Set<String> names = names();
    names.addAll(refusals.keySet());
    names.addAll(asked);
    return names.stream()
        .filter(this::isFree)
        .map(name ->
            new ResourceFact(
                name,
                Optional.ofNullable(active.get(name)).flatMap(Entry::held),
                Optional.ofNullable(warming.get(name)).flatMap(Entry::held),
                Optional.ofNullable(refusals.get(name)),
                how.apply(name)))
        .toList();
  }
}
