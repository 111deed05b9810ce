package dev.weir.sidecar;

import dev.weir.sidecar.admin.AdminState;
import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.client.GrpcStream;
import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.config.bootstrap.DynamicResources;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.listener.ListenerProblem;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.snapshot.CompileCheck;
import dev.weir.sidecar.snapshot.Configuration;
import dev.weir.sidecar.transport.Secrets;
import dev.weir.sidecar.xds.AdsTransport;
import dev.weir.sidecar.xds.Backoff;
import dev.weir.sidecar.xds.ControlThread;
import dev.weir.sidecar.xds.Refused;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.sidecar.xds.disk.LastGoodFile;
import dev.weir.sidecar.xds.store.ConfigSink;
import dev.weir.sidecar.xds.store.Demands;
import dev.weir.sidecar.xds.store.DynamicConfig;
import dev.weir.sidecar.xds.store.NameLookups;
import dev.weir.sidecar.xds.store.StreamedConfig;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Joins the ADS client to the sidecar: its stream rides on the sidecar's own HTTP/2, what it brings
 * goes to the snapshot.
 */
final class ConfigStream implements ConfigSink {
  private final Function<Configuration, List<ListenerProblem>> apply;
  private final BiConsumer<String, ClusterLoadAssignment> endpoints;
  private final Secrets secrets;
  private final AdminState admin;

  private ConfigStream(
      Function<Configuration, List<ListenerProblem>> apply,
      BiConsumer<String, ClusterLoadAssignment> endpoints,
      Secrets secrets,
      AdminState admin) {
    this.apply = apply;
    this.secrets = secrets;
    this.endpoints = endpoints;
    this.admin = admin;
  }

  static DynamicConfig create(
      Bootstrap bootstrap,
      DynamicResources dynamic,
      ResourceParser parser,
      AsyncClient client,
      ControlThread control,
      Optional<LastGoodFile> lastGood,
      NameLookups names,
      Demands demands,
      Function<Configuration, List<ListenerProblem>> apply,
      BiConsumer<String, ClusterLoadAssignment> endpoints,
      Secrets secrets,
      AdminState admin,
      Consumer<String> log) {
    String version = Sidecar.class.getPackage().getImplementationVersion();
    return new DynamicConfig(
        bootstrap,
        dynamic,
        new DynamicConfig.Parts(
            parser,
            new CompileCheck(),
            transport(client, dynamic),
            control,
            Backoff.standard(new SplittableRandom()),
            lastGood,
            names,
            demands,
            new ConfigStream(apply, endpoints, secrets, admin),
            version == null ? "development" : version,
            log));
  }

  private static AdsTransport transport(AsyncClient client, DynamicResources dynamic) {
    String authority = dynamic.authority().orElse(dynamic.cluster());
    return (path, listener) -> {
      GrpcStream stream =
          GrpcStream.open(
              client,
              dynamic.cluster(),
              authority,
              path,
              new GrpcStream.Listener() {
                @Override
                public void onMessage(byte[] message) {
                  listener.onMessage(message);
                }

                @Override
                public void onClosed(int status, String message) {
                  listener.onClosed(status, message);
                }
              });
      return new AdsTransport.Call() {
        @Override
        public void send(byte[] message) {
          stream.send(message);
        }

        @Override
        public void request(int messages) {
          stream.request(messages);
        }

        @Override
        public void cancel(String why) {
          stream.cancel(why);
        }
      };
    };
  }

  @Override
  public List<Refused> config(StreamedConfig config) {
    return apply
        .apply(
            new Configuration(
                config.listeners(), config.routes(), config.clusters(), config.endpoints()))
        .stream()
        .map(problem -> new Refused(ResourceType.LISTENER, problem.name(), "", problem.reason()))
        .toList();
  }

  @Override
  public void endpoints(String cluster, ClusterLoadAssignment assignment) {
    endpoints.accept(cluster, assignment);
  }

  @Override
  public void secret(Secret secret) {
    secrets.put(secret);
  }

  @Override
  public void retainSecrets(Set<String> names) {
    secrets.retain(names);
  }

  @Override
  public void initialized() {
    admin.ready(true);
  }
}
