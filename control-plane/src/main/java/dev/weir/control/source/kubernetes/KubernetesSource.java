package dev.weir.control.source.kubernetes;

import com.google.common.base.Throwables;
import dev.weir.control.source.Source;
import dev.weir.control.source.Unit;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.token.Holders;
import dev.weir.control.workload.Pods;
import dev.weir.protos.Location;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ReducedStateItemStore;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A cluster: what people write in it, by {@link #look}; its pods and EndpointSlices, handed on as
 * they come. What an API server that does not answer said last holds.
 */
public final class KubernetesSource implements Source, AutoCloseable {
  private static final Duration LONGEST_START = Duration.ofSeconds(60);

  private final KubernetesClient client;
  private final Consumer<String> told;
  private final Consumer<Throwable> failed;
  private final ObjectReader reader;
  private final Map<String, ObjectVersion> objects = new ConcurrentHashMap<>();
  private final Map<ConfigKind, SharedIndexInformer<GenericKubernetesResource>> config =
      new ConcurrentHashMap<>();

  /** What the last look saw. */
  private volatile Map<String, String> looked = Map.of();

  private final NamedPorts namedPorts = new NamedPorts();
  private final NamedConfigMaps configMaps;
  private final List<SharedIndexInformer<?>> informers = new ArrayList<>();
  private final Runnable changed;
  private final Consumer<Consumer<Pods>> pods;

  /** Of kinds that the cluster did not know when this began. */
  private final Map<ConfigKind, SharedIndexInformer<?>> unknown = new ConcurrentHashMap<>();

  /**
   * Waits until all is read that there is.
   *
   * @param client is closed with this
   * @param clock tells when a version was read
   * @param changed is told, on the client's threads, that another look is worth while
   * @param pods takes what happens to the pods, in order
   * @param told is told what is wrong with the way to the API server, a line each
   * @param failed is told of a mistake of the program's own
   * @throws IOException it does not answer, or this may not read it
   */
  public KubernetesSource(
      KubernetesClient client,
      Clock clock,
      Runnable changed,
      Consumer<Consumer<Pods>> pods,
      Consumer<String> told,
      Consumer<Throwable> failed)
      throws IOException {
    this.client = client;
    this.reader = new ObjectReader(clock);
    this.changed = changed;
    this.pods = pods;
    this.told = told;
    this.failed = failed;
    this.configMaps = new NamedConfigMaps(client, reader, changed, told);
    try {
      start();
    } catch (IOException | KubernetesClientException e) {
      close();
      throw new IOException(where() + " cannot be read: " + e.getMessage(), e);
    }
  }

  private String where() {
    return "the cluster at " + client.getMasterUrl();
  }

  private void start() throws IOException {
    List<Started> started = new ArrayList<>();
    for (ConfigKind kind : ConfigKind.ALL) {
      SharedIndexInformer<GenericKubernetesResource> informer =
          client.genericKubernetesResources(kind.context()).inAnyNamespace().runnableInformer(0);
      config.put(kind, informer);
      Started all = start(informer, ofConfig(kind));
      if (isServed(kind)) {
        started.add(all);
      } else {
        unknown.put(kind, informer);
      }
    }
    started.add(start(client.pods().inAnyNamespace().runnableInformer(0), Pod.class, ofPods()));
    started.add(
        start(
            client.discovery().v1().endpointSlices().inAnyNamespace().runnableInformer(0),
            EndpointSlice.class,
            ofSlices()));
    started.add(start(client.nodes().runnableInformer(0), Node.class, ofNodes()));
    long deadline = System.nanoTime() + LONGEST_START.toNanos();
    try {
      for (Started one : started) {
        one.listed.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        one.handler.awaitSeen(one.informer.getStore().listKeys().size(), deadline);
      }
    } catch (TimeoutException e) {
      throw new IOException("it has not told all within " + LONGEST_START.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Of one kind all objects are listed, and then handed to its handler. */
  private record Started(
      SharedIndexInformer<?> informer, Handler<?> handler, CompletableFuture<Void> listed) {}

  private boolean isServed(ConfigKind kind) {
    var resources = client.getApiResources(kind.apiVersion());
    return resources != null
        && resources.getResources().stream().anyMatch(one -> one.getKind().equals(kind.kind()));
  }

  static Finding unknown(ConfigKind kind) {
    String name = kind.plural() + (kind.group().isEmpty() ? "" : "." + kind.group());
    return new Finding(
        Finding.Severity.WARNING,
        Location.of("cluster"),
        "",
        "",
        "it has no " + name + "; they are read as soon as it has (install its CRD)");
  }

  /** Of what is not looked at again its names are enough. */
  private <T extends HasMetadata> Started start(
      SharedIndexInformer<T> informer, Class<T> type, Handler<T> handler) {
    informer
        .removeNamespaceIndex()
        .itemStore(
            new ReducedStateItemStore<>(
                ReducedStateItemStore.NAME_KEY_STATE, type, client.getKubernetesSerialization()));
    return start(informer, handler);
  }

  private <T> Started start(SharedIndexInformer<T> informer, Handler<T> handler) {
    informers.add(informer);
    CompletableFuture<Void> listed =
        informer
            .addEventHandler(handler)
            .exceptionHandler((isStarted, cause) -> {
              if (Throwables.getCausalChain(cause).stream()
                  .noneMatch(KubernetesSource::isMissing)) {
                told.accept(
                    "%s: %s; what it said last holds"
                        .formatted(where(), Throwables.getRootCause(cause).getMessage()));
              }
              return true; // it is tried again
            })
            .start()
            .toCompletableFuture();
    return new Started(informer, handler, listed);
  }

  /** Of a kind that is not installed its finding tells. */
  private static boolean isMissing(Throwable cause) {
    return cause instanceof KubernetesClientException answer
        && answer.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
  }

  /** One handler for each kind: added and changed are the same to us. */
  private abstract class Handler<T> implements ResourceEventHandler<T> {
    private int seen;

    abstract void put(T object);

    abstract void removed(T object);

    /** The client would say of a mistake nothing that anybody hears. It costs one object. */
    private void guarded(Consumer<T> step, T object) {
      try {
        step.accept(object);
      } catch (RuntimeException mistake) {
        failed.accept(mistake);
      }
    }

    @Override
    public void onAdd(T object) {
      guarded(this::put, object);
      synchronized (this) {
        seen++;
        notifyAll();
      }
    }

    /** Waits for as many as were there at the start, until a time as by System.nanoTime. */
    synchronized void awaitSeen(int there, long deadline)
        throws InterruptedException, TimeoutException {
      while (seen < there) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new TimeoutException();
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    }

    @Override
    public void onUpdate(T before, T object) {
      guarded(this::put, object);
    }

    @Override
    public void onDelete(T object, boolean unknownLast) {
      guarded(this::removed, object);
    }
  }

  private Handler<GenericKubernetesResource> ofConfig(ConfigKind kind) {
    return new Handler<>() {
      @Override
      void put(GenericKubernetesResource object) {
        ObjectVersion known = objects.get(ObjectReader.name(kind, object.getMetadata()));
        if (known == null
            || !known.version().equals(ObjectReader.version(kind, object.getMetadata()))) {
          ObjectVersion version = reader.read(kind, object);
          objects.put(version.name(), version);
          changed.run();
        }
      }

      @Override
      void removed(GenericKubernetesResource object) {
        objects.remove(ObjectReader.name(kind, object.getMetadata()));
        changed.run();
      }
    };
  }

  private Handler<Pod> ofPods() {
    return new Handler<>() {
      @Override
      void put(Pod object) {
        if (PodReader.hasEnded(object)) {
          removed(object);
          return;
        }
        dev.weir.control.model.Pod pod = PodReader.pod(object);
        pods.accept(known -> known.put(pod));
        if (namedPorts.add(pod.name(), pod.labels(), PodReader.namedPorts(object))) {
          changed.run();
        }
      }

      @Override
      void removed(Pod object) {
        var name = PodReader.name(object);
        pods.accept(known -> known.remove(name));
      }
    };
  }

  private Handler<EndpointSlice> ofSlices() {
    return new Handler<>() {
      @Override
      void put(EndpointSlice object) {
        PodReader.slice(object)
            .ifPresentOrElse(
                slice -> pods.accept(known -> known.put(slice)), () -> removed(object));
      }

      @Override
      void removed(EndpointSlice object) {
        var name = PodReader.name(object);
        pods.accept(known -> known.removeSlice(name));
      }
    };
  }

  private Handler<Node> ofNodes() {
    return new Handler<>() {
      @Override
      void put(Node object) {
        String name = object.getMetadata().getName();
        String zone = PodReader.zone(object);
        pods.accept(known -> known.putNode(name, zone));
      }

      @Override
      void removed(Node object) {
        String name = object.getMetadata().getName();
        pods.accept(known -> known.removeNode(name));
      }
    };
  }

  /** It is closed with this. */
  public KubernetesClient client() {
    return client;
  }

  /** The namespace of the pod that this runs in, or of the context. */
  public String ownNamespace() {
    String own = client.getNamespace();
    return own == null ? "weir-system" : own;
  }

  /** The name of the pod that this runs in, or of the machine. */
  public String ownName() {
    return Optional.ofNullable(System.getenv("HOSTNAME"))
        .filter(name -> !name.isEmpty())
        .orElseGet(() -> "control-plane-" + ProcessHandle.current().pid());
  }

  /** Who has a token of a service account of this cluster. */
  public Holders holders(String trustDomain) {
    return new TokenReviews(client, trustDomain, System::nanoTime);
  }

  /** The API server has it all: nothing is kept here. */
  @Override
  public SortedMap<String, Unit> restored() {
    return Collections.emptySortedMap();
  }

  /** The versions that the last look saw, by name. On the thread that looks. */
  public Map<String, String> looked() {
    return looked;
  }

  /** Those of a kind that are now as a look saw them. */
  public List<GenericKubernetesResource> objects(ConfigKind kind, Map<String, String> looked) {
    List<GenericKubernetesResource> same = new ArrayList<>();
    SharedIndexInformer<GenericKubernetesResource> informer = config.get(kind);
    if (informer != null) {
      for (GenericKubernetesResource object : informer.getStore().list()) {
        String seen = looked.get(ObjectReader.name(kind, object.getMetadata()));
        if (seen != null && seen.equals(ObjectReader.version(kind, object.getMetadata()))) {
          same.add(object);
        }
      }
    }
    return same;
  }

  @Override
  public Look look() {
    SortedMap<String, Unit> units = new TreeMap<>(objects);
    Map<String, String> versions = new HashMap<>();
    units.forEach((name, unit) -> versions.put(name, ((ObjectVersion) unit).version()));
    looked = Map.copyOf(versions);
    units.putAll(namedPorts.units());
    configMaps.follow(NamedConfigMaps.namedBy(objects.values()));
    units.putAll(configMaps.units());
    unknown.values().removeIf(SharedIndexInformer::isWatching);
    List<Finding> findings = new ArrayList<>(configMaps.findings());
    unknown.keySet().forEach(kind -> findings.add(unknown(kind)));
    return new Look(units, findings);
  }

  @Override
  public void inForce(Collection<? extends Unit> units) {
    // The API server keeps what was written; what it keeps is right, or its status says otherwise.
  }

  @Override
  public void close() {
    configMaps.close();
    informers.forEach(SharedIndexInformer::stop);
    client.close();
  }
}
