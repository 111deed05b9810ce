package dev.weir.control.source.kubernetes;

import com.google.common.base.Throwables;
import dev.weir.control.model.ObjectName;
import dev.weir.control.source.Unit;
import dev.weir.control.source.reader.Finding;
import dev.weir.protos.Location;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The ConfigMaps that policies name, each watched by its name: a cluster has many others, which are
 * nobody's concern here. Any thread.
 */
final class NamedConfigMaps implements AutoCloseable {
  /** A ConfigMap has at most 1 MiB. */
  static final int MOST = 256;

  /** For the first answer about those that nobody named before. */
  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(10);

  private final KubernetesClient client;
  private final ObjectReader reader;
  private final Runnable changed;
  private final Consumer<String> told;
  private final SortedMap<ObjectName, Watched> watched = new TreeMap<>();
  private SortedSet<ObjectName> tooMany = new TreeSet<>();
  private boolean closed;

  /**
   * @param changed is told, on the client's threads, that one of them is another
   * @param told is told what is wrong with the way to the API server, a line each
   */
  NamedConfigMaps(
      KubernetesClient client, ObjectReader reader, Runnable changed, Consumer<String> told) {
    this.client = client;
    this.reader = reader;
    this.changed = changed;
    this.told = told;
  }

  /** Those that are named by one of {@code units}. */
  static SortedSet<ObjectName> namedBy(Collection<? extends Unit> units) {
    return units.stream()
        .flatMap(unit -> unit.resources().stream())
        .flatMap(resource -> resource.configMaps())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Those of {@code named} that are not read. */
  static SortedSet<ObjectName> tooMany(SortedSet<ObjectName> named) {
    return named.stream().skip(MOST).collect(Collectors.toCollection(TreeSet::new));
  }

  /** What is to be said of them. */
  static List<Finding> about(SortedSet<ObjectName> tooMany) {
    return tooMany.isEmpty()
        ? List.of()
        : List.of(
            about(
                "policies name more than %d ConfigMaps; not read is %s%s"
                    .formatted(
                        MOST,
                        tooMany.first(),
                        tooMany.size() > 1 ? ", and " + (tooMany.size() - 1) + " more" : "")));
  }

  /**
   * Watches these and no others; the first so many, by name, if there are too many. Returns when
   * the API server has answered about each, or has not in time.
   */
  synchronized void follow(SortedSet<ObjectName> named) {
    if (closed) {
      return;
    }
    tooMany = tooMany(named);
    Set<ObjectName> now = new TreeSet<>(named);
    now.removeAll(tooMany);
    watched
        .entrySet()
        .removeIf(entry -> {
          boolean gone = !now.contains(entry.getKey());
          if (gone) {
            entry.getValue().close();
          }
          return gone;
        });
    List<CompletableFuture<Void>> asked = new ArrayList<>();
    for (ObjectName name : now) {
      if (!watched.containsKey(name)) {
        Watched one = new Watched(name);
        watched.put(name, one);
        asked.add(one.answered);
      }
    }
    await(CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)));
  }

  private static void await(CompletableFuture<Void> all) {
    try {
      all.get(LONGEST_ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException late) {
      // Of what is not there yet the findings say so; its answer brings about another look.
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  /** Those that there are. */
  synchronized SortedMap<String, ObjectVersion> units() {
    SortedMap<String, ObjectVersion> units = new TreeMap<>();
    for (Watched one : watched.values()) {
      ObjectVersion version = one.version();
      if (version != null) {
        units.put(version.name(), version);
      }
    }
    return units;
  }

  /** Why some cannot be read. */
  synchronized List<Finding> findings() {
    List<Finding> findings = new ArrayList<>(about(tooMany));
    watched.forEach((name, one) -> {
      String failure = one.failure;
      if (failure != null) {
        findings.add(about("ConfigMap " + name + " cannot be read: " + failure));
      }
    });
    return findings;
  }

  private static Finding about(String message) {
    return Finding.error(Location.of("cluster"), "", "", message);
  }

  @Override
  public synchronized void close() {
    closed = true;
    watched.values().forEach(Watched::close);
    watched.clear();
  }

  /** One of them, whether it is there or not. */
  private final class Watched implements ResourceEventHandler<GenericKubernetesResource> {
    private final SharedIndexInformer<GenericKubernetesResource> informer;
    private final CompletableFuture<Void> answered = new CompletableFuture<>();
    private volatile @Nullable String failure;
    private @Nullable ObjectVersion read;

    Watched(ObjectName name) {
      informer =
          client
              .genericKubernetesResources(ConfigKind.CONFIG_MAP.context())
              .inNamespace(name.namespace())
              .withName(name.name())
              .runnableInformer(0);
      informer
          .addEventHandler(this)
          .exceptionHandler((isStarted, cause) -> {
            if (isStarted) {
              told.accept(
                  "ConfigMap %s: %s; what it had last holds".formatted(name, reason(cause)));
            } else {
              failed(cause);
            }
            return true; // it is tried again
          })
          .start()
          .whenComplete((done, cause) -> {
            if (cause == null) {
              succeeded();
            } else {
              failed(cause);
            }
          });
    }

    private void failed(Throwable cause) {
      failure = reason(cause);
      if (!answered.complete(null)) {
        changed.run();
      }
    }

    private void succeeded() {
      failure = null;
      if (!answered.complete(null)) {
        changed.run(); // it was late, and what was said of it is not so
      }
    }

    /** Null when there is none. */
    private @Nullable ObjectVersion version() {
      List<GenericKubernetesResource> there = informer.getStore().list();
      if (there.isEmpty()) {
        read = null;
        return null;
      }
      GenericKubernetesResource object = there.getFirst();
      ObjectVersion before = read;
      if (before == null
          || !before
              .version()
              .equals(ObjectReader.version(ConfigKind.CONFIG_MAP, object.getMetadata()))) {
        before = reader.read(ConfigKind.CONFIG_MAP, object);
        read = before;
      }
      return before;
    }

    private void close() {
      informer.stop();
    }

    @Override
    public void onAdd(GenericKubernetesResource object) {
      changed.run();
    }

    @Override
    public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource object) {
      changed.run();
    }

    @Override
    public void onDelete(GenericKubernetesResource object, boolean unknownLast) {
      changed.run();
    }
  }

  private static String reason(Throwable cause) {
    return String.valueOf(Throwables.getRootCause(cause).getMessage());
  }
}
