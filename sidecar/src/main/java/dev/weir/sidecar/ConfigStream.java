package dev.weir.sidecar;

import dev.weir.sidecar.admin.AdminState;
import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.client.GrpcStream;
import dev.weir.sidecar.client.WholeRequest;
import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.config.bootstrap.DynamicResources;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.listener.ListenerProblem;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.snapshot.CompileCheck;
import dev.weir.sidecar.snapshot.Configuration;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.transport.SecretFiles;
import dev.weir.sidecar.xds.Backoff;
import dev.weir.sidecar.xds.ControlThread;
import dev.weir.sidecar.xds.GrpcTransport;
import dev.weir.sidecar.xds.NodeMessage;
import dev.weir.sidecar.xds.Refused;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.sidecar.xds.RestTransport;
import dev.weir.sidecar.xds.SourceFactory;
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
import java.util.function.Function;

/**
 * Joins what fetches configuration to the sidecar: its streams and requests are made by the
 * sidecar's own client, what they bring goes to the snapshot.
 */
final class ConfigStream implements ConfigSink {
  private final Function<Configuration, List<ListenerProblem>> apply;
  private final BiConsumer<String, ClusterLoadAssignment> endpoints;
  private final SecretFiles secrets;
  private final AdminState admin;

  private ConfigStream(
      Function<Configuration, List<ListenerProblem>> apply,
      BiConsumer<String, ClusterLoadAssignment> endpoints,
      SecretFiles secrets,
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
      SecretFiles secrets,
      AdminState admin,
      Stats stats,
      Log log) {
    SplittableRandom random = new SplittableRandom();
    SourceFactory sources =
        new SourceFactory(
            source -> grpc(client, source),
            rest(client),
            task -> Thread.ofVirtual().name("config-reader").start(task),
            control,
            () -> Backoff.standard(random),
            random,
            NodeMessage.of(bootstrap.node(), version(), true),
            NodeMessage.of(bootstrap.node(), version(), false),
            log);
    return new DynamicConfig(
        bootstrap,
        dynamic,
        new DynamicConfig.Parts(
            parser,
            new CompileCheck(),
            sources,
            control,
            lastGood,
            names,
            demands,
            new ConfigStream(apply, endpoints, secrets, admin),
            stats,
            log));
  }

  static String version() {
    String version = Sidecar.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  private static RestTransport rest(AsyncClient client) {
    return (cluster, path, body, timeout, listener) ->
        WholeRequest.post(
                client,
                cluster,
                path,
                "application/json",
                body,
                timeout,
                new WholeRequest.Listener() {
                  @Override
                  public void onAnswer(int status, byte[] answer) {
                    listener.onAnswer(status, answer);
                  }

                  @Override
                  public void onFailed(String reason) {
                    listener.onFailed(reason);
                  }
                })
            ::cancel;
  }

  private static GrpcTransport grpc(AsyncClient client, ConfigSource.Grpc source) {
    String authority = source.authority().orElse(source.cluster());
    return (path, listener) -> {
      GrpcStream stream =
          GrpcStream.open(
              client,
              source.cluster(),
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
      return new GrpcTransport.Call() {
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
