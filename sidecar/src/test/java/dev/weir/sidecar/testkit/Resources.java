package dev.weir.sidecar.testkit;

import com.google.protobuf.Message;
import dev.weir.protos.convert.Converted;
import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.resource.ResourceParser;
import java.util.List;

/** Configuration from the YAML an operator would write; what is refused fails the test. */
public final class Resources {
  private static final ResourceParser PARSER =
      new ResourceParser(
          FieldPolicy.REJECT,
          (resource, fields) -> {
            throw new AssertionError(resource + ": " + fields);
          });

  private Resources() {}

  public static Cluster cluster(String yaml) {
    return accepted(
        PARSER.cluster(
            read(yaml, io.envoyproxy.envoy.config.cluster.v3.Cluster.getDefaultInstance())));
  }

  /** The endpoints of a cluster at these ports of 127.0.0.1. */
  public static ClusterLoadAssignment endpoints(int... ports) {
    StringBuilder hosts = new StringBuilder();
    for (int port : ports) {
      hosts.append(
          "{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}},"
              .formatted(port));
    }
    return assignment("{cluster_name: app, endpoints: [{lb_endpoints: [" + hosts + "]}]}");
  }

  public static ClusterLoadAssignment assignment(String yaml) {
    return accepted(
        PARSER.endpoints(
            read(
                yaml,
                io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment
                    .getDefaultInstance())));
  }

  public static Listener listener(String yaml) {
    return listener(YamlReader.read("listener", yaml).documents().getFirst());
  }

  public static Listener listener(YamlNode yaml) {
    return accepted(
        PARSER.listener(
            read(yaml, io.envoyproxy.envoy.config.listener.v3.Listener.getDefaultInstance())));
  }

  public static RouteConfiguration routes(YamlNode yaml) {
    return accepted(
        PARSER.routeConfiguration(
            read(
                yaml,
                io.envoyproxy.envoy.config.route.v3.RouteConfiguration.getDefaultInstance())));
  }

  private static <M extends Message> M read(String yaml, M prototype) {
    return read(YamlReader.read("test", yaml).documents().getFirst(), prototype);
  }

  private static <M extends Message> M read(YamlNode yaml, M prototype) {
    Converted<M> converted = ProtoReader.read(yaml, prototype);
    if (!converted.problems().isEmpty()) {
      throw new AssertionError(List.copyOf(converted.problems()).toString());
    }
    return converted.message();
  }

  private static <T> T accepted(Parsed<T> parsed) {
    return switch (parsed) {
      case Parsed.Accepted<T>(T value) -> value;
      case Parsed.Rejected<T>(String field, String reason) ->
          throw new AssertionError(field + ": " + reason);
    };
  }
}
