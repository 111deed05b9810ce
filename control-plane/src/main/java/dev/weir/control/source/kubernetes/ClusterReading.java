package dev.weir.control.source.kubernetes;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Pod;
import dev.weir.control.model.PodSlice;
import dev.weir.control.source.Source;
import dev.weir.control.source.Unit;
import dev.weir.control.source.reader.Finding;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A cluster as it was at one moment, read as a control plane reads it: what people write in all its
 * namespaces, its pods and EndpointSlices.
 *
 * @param pods those that have not ended
 */
public record ClusterReading(Source source, List<Pod> pods, List<PodSlice> slices) {
  public ClusterReading {
    pods = List.copyOf(pods);
    slices = List.copyOf(slices);
  }

  /**
   * Asks for each kind once.
   *
   * @param beside what else there is; the ConfigMaps that it names are read too
   * @throws IOException it does not answer, or whoever asks may not read one of them
   */
  public static ClusterReading of(
      KubernetesClient client, Clock clock, Collection<? extends Unit> beside) throws IOException {
    ObjectReader reader = new ObjectReader(clock);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Optional<List<GenericKubernetesResource>>>> kinds = new ArrayList<>();
      for (ConfigKind kind : ConfigKind.ALL) {
        kinds.add(threads.submit(() -> objects(client, kind)));
      }
      var pods = threads.submit(() -> client.pods().inAnyNamespace().list().getItems());
      Callable<List<PodSlice>> listed =
          () ->
              client.discovery().v1().endpointSlices().inAnyNamespace().list().getItems().stream()
                  .flatMap(slice -> PodReader.slice(slice).stream())
                  .toList();
      Future<List<PodSlice>> slices = threads.submit(listed);
      NamedPorts namedPorts = new NamedPorts();
      List<Pod> running = new ArrayList<>();
      for (var pod : answer("pods", pods)) {
        if (!PodReader.hasEnded(pod)) {
          Pod one = PodReader.pod(pod);
          running.add(one);
          namedPorts.add(one.name(), one.labels(), PodReader.namedPorts(pod));
        }
      }
      SortedMap<String, Unit> units = new TreeMap<>(namedPorts.units());
      List<Finding> unknown = new ArrayList<>();
      for (int i = 0; i < kinds.size(); i++) {
        ConfigKind kind = ConfigKind.ALL.get(i);
        Optional<List<GenericKubernetesResource>> objects = answer(kind.plural(), kinds.get(i));
        if (objects.isEmpty()) {
          unknown.add(KubernetesSource.unknown(kind));
        }
        for (GenericKubernetesResource object : objects.orElse(List.of())) {
          ObjectVersion version = reader.read(kind, object);
          units.put(version.name(), version);
        }
      }
      SortedSet<ObjectName> maps = NamedConfigMaps.namedBy(units.values());
      maps.addAll(NamedConfigMaps.namedBy(beside));
      SortedSet<ObjectName> tooMany = NamedConfigMaps.tooMany(maps);
      unknown.addAll(NamedConfigMaps.about(tooMany));
      maps.removeAll(tooMany);
      List<Future<Optional<GenericKubernetesResource>>> found = new ArrayList<>();
      maps.forEach(name -> found.add(threads.submit(() -> configMap(client, name))));
      for (Future<Optional<GenericKubernetesResource>> one : found) {
        answer(ConfigKind.CONFIG_MAP.plural(), one)
            .map(object -> reader.read(ConfigKind.CONFIG_MAP, object))
            .ifPresent(version -> units.put(version.name(), version));
      }
      return new ClusterReading(
          new Read(units, unknown), running, answer("endpointslices", slices));
    }
  }

  /** Empty: the cluster does not know the kind. */
  private static Optional<List<GenericKubernetesResource>> objects(
      KubernetesClient client, ConfigKind kind) {
    try {
      return Optional.of(
          client.genericKubernetesResources(kind.context()).inAnyNamespace().list().getItems());
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Empty: there is none. */
  private static Optional<GenericKubernetesResource> configMap(
      KubernetesClient client, ObjectName name) {
    return Optional.ofNullable(
        client
            .genericKubernetesResources(ConfigKind.CONFIG_MAP.context())
            .inNamespace(name.namespace())
            .withName(name.name())
            .get());
  }

  private static <T> T answer(String what, Future<T> answer) throws IOException {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KubernetesClientException failure) {
        throw failure;
      }
      throw new IOException(what + ": " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** What was read, and nothing that comes later. */
  private record Read(SortedMap<String, Unit> units, List<Finding> findings) implements Source {
    @Override
    public SortedMap<String, Unit> restored() {
      return Collections.emptySortedMap();
    }

    @Override
    public Look look() {
      return new Look(units, findings);
    }

    @Override
    public void inForce(Collection<? extends Unit> inForce) {
      // Nothing is kept here: the API server has it.
    }
  }
}
