package dev.weir.sidecar.xds;

import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.ConfigSource.Protocol;
import dev.weir.sidecar.log.Log;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Makes what serves subscriptions of a source.
 *
 * @param grpc to the cluster of a source
 * @param readers what is read of files and of REST is read on these threads, and may wait
 * @param backoffs one for each stream
 * @param asking the node of who asks for destinations that it is not told of
 * @param silent the node of who does not
 * @param log told what happens, a line each
 */
public record SourceFactory(
    Function<ConfigSource.Grpc, GrpcTransport> grpc,
    RestTransport rest,
    Executor readers,
    ControlThread control,
    Supplier<Backoff> backoffs,
    RandomGenerator random,
    Node asking,
    Node silent,
    Log log) {
  /** One stream for all types. */
  public StreamClient ads(ConfigSource.Grpc source, ResourceHandler handler) {
    Node node = source.protocol() == Protocol.DELTA ? asking : silent;
    return stream(DiscoveryService.AGGREGATED, source, node, handler);
  }

  /** Of one type, from any source but ADS. */
  public ResourceSource of(ResourceType type, ConfigSource source, ResourceHandler handler) {
    return switch (source) {
      case ConfigSource.Ads _ -> throw new IllegalArgumentException("ADS is not of one type");
      case ConfigSource.Grpc each -> stream(DiscoveryService.of(type), each, silent, handler);
      case ConfigSource.Rest each ->
          new RestClient(rest, type, each, silent, control, readers, random, handler, log);
      case ConfigSource.File each -> new FileClient(type, each, control, readers, handler, log);
    };
  }

  private StreamClient stream(
      DiscoveryService service, ConfigSource.Grpc source, Node node, ResourceHandler handler) {
    return new StreamClient(
        grpc.apply(source),
        service,
        source.protocol(),
        node,
        control,
        backoffs.get(),
        handler,
        log);
  }
}
