package dev.weir.control.server;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.ProxyKind.ListenerPorts;
import dev.weir.control.model.Addresses;
import dev.weir.control.model.ObjectName;
import dev.weir.control.workload.Pods;
import dev.weir.protos.Nearest;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Who a node is. What does not fit ends the stream with what to do. */
final class ProxyReader {
  static final String SERVICE = "WEIR_SERVICE";
  static final String NAMESPACE = "WEIR_NAMESPACE";
  static final String POD = "WEIR_POD";
  static final String ADDRESS = "WEIR_ADDRESS";
  static final String MARK = "WEIR_MARK";
  static final String OUTBOUND_PORT = "WEIR_OUTBOUND_PORT";
  static final String INBOUND_PORT = "WEIR_INBOUND_PORT";
  private static final String DEFAULT_NAMESPACE = "default";
  private static final int DEFAULT_MARK = 1337;

  /** How the user agents of gRPC's own libraries begin; gRFC A27. */
  private static final String GRPC = "gRPC ";

  private static final int MAX_PORT = 65535;
  private static final int MOST_NAMED = 20;
  private static final int LONGEST_TEXT = 253;

  private ProxyReader() {}

  /**
   * Whether or not there is such a service.
   *
   * @param pods whose the pods of a cluster are
   */
  static Proxy read(Node node, Function<ObjectName, Optional<Pods.Place>> pods)
      throws StatusException {
    if (!isText(node.getId())) {
      throw invalid("node.id must have 1 to " + LONGEST_TEXT + " printable characters");
    }
    Struct metadata = node.getMetadata();
    String namespace = text(metadata, NAMESPACE).orElse(DEFAULT_NAMESPACE);
    Optional<String> address = text(metadata, ADDRESS);
    if (address.isPresent() && !Addresses.isCallable(address.get())) {
      throw invalid(
          "node.metadata."
              + ADDRESS
              + ": \""
              + address.get()
              + "\" is not an IPv4 address that others can call");
    }
    Set<String> extensions =
        node.getExtensionsList().stream()
            .flatMap(extension -> extension.getTypeUrlsList().stream())
            .filter(url -> url.startsWith("type.googleapis.com/weir."))
            .collect(Collectors.toSet());
    ListenerPorts ports =
        new ListenerPorts(
            number(metadata, OUTBOUND_PORT, ListenerPorts.DEFAULT.outbound(), MAX_PORT),
            number(metadata, INBOUND_PORT, ListenerPorts.DEFAULT.inbound(), MAX_PORT));
    int mark = number(metadata, MARK, DEFAULT_MARK, Integer.MAX_VALUE);
    ProxyKind kind =
        node.getUserAgentName().startsWith(GRPC)
            ? ProxyKind.PROXYLESS
            : new ProxyKind(mark, ports, extensions);
    Optional<String> pod = text(metadata, POD);
    if (pod.isPresent()) {
      return ofPod(node.getId(), new ObjectName(namespace, pod.get()), address, kind, pods);
    }
    String service =
        text(metadata, SERVICE)
            .orElseThrow(() ->
                invalid(
                    "node.metadata."
                        + SERVICE
                        + " is missing: the name of the service this proxy stands beside"));
    ObjectName beside = new ObjectName(namespace, service);
    return new Proxy(
        node.getId(), beside, address, kind, Optional.empty(), beside, zone(node.getLocality()));
  }

  private static Proxy ofPod(
      String id,
      ObjectName pod,
      Optional<String> address,
      ProxyKind kind,
      Function<ObjectName, Optional<Pods.Place>> pods)
      throws StatusException {
    Pods.Place place =
        pods.apply(pod)
            .orElseThrow(() ->
                Status.UNAVAILABLE
                    .withDescription("the cluster has no pod " + pod + " yet")
                    .asException());
    if (address.isPresent() && place.address().isPresent() && !address.equals(place.address())) {
      throw invalid(
          "node.metadata.%s is %s, and pod %s is at %s"
              .formatted(ADDRESS, address.get(), pod, place.address().get()));
    }
    return new Proxy(
        id, place.service(), address, kind, Optional.of(pod), place.account(), place.zone());
  }

  private static String zone(Locality locality) throws StatusException {
    if (locality.getZone().length() > LONGEST_TEXT) {
      throw invalid("node.locality.zone must have at most " + LONGEST_TEXT + " characters");
    }
    return locality.getZone();
  }

  /** The service of {@code proxy} must be among {@code services}, but for a pod's. */
  static void checkThere(Proxy proxy, Collection<ObjectName> services) throws StatusException {
    if (proxy.pod().isEmpty() && !services.contains(proxy.service())) {
      throw Status.NOT_FOUND.withDescription(unknown(proxy.service(), services)).asException();
    }
  }

  private static Optional<String> text(Struct metadata, String field) throws StatusException {
    Value value = metadata.getFieldsMap().get(field);
    if (value == null) {
      return Optional.empty();
    }
    if (value.getKindCase() != Value.KindCase.STRING_VALUE || !isText(value.getStringValue())) {
      throw invalid(
          "node.metadata."
              + field
              + " must be a text of 1 to "
              + LONGEST_TEXT
              + " printable characters");
    }
    return Optional.of(value.getStringValue());
  }

  /** What can stand in a line. */
  private static boolean isText(String text) {
    return !text.isEmpty()
        && text.length() <= LONGEST_TEXT
        && text.chars().noneMatch(Character::isISOControl);
  }

  private static int number(Struct metadata, String field, int otherwise, int max)
      throws StatusException {
    Value value = metadata.getFieldsMap().get(field);
    if (value == null) {
      return otherwise;
    }
    double number = value.getNumberValue();
    if (value.getKindCase() != Value.KindCase.NUMBER_VALUE
        || number != Math.rint(number)
        || number < 0
        || number > max) {
      throw invalid("node.metadata." + field + " must be a whole number from 0 to " + max);
    }
    return (int) number;
  }

  private static String unknown(ObjectName name, Collection<ObjectName> services) {
    String known =
        services.stream()
            .sorted()
            .limit(MOST_NAMED)
            .map(ObjectName::toString)
            .collect(Collectors.joining(", "));
    return "there is no Service "
        + name
        + Nearest.to(name.toString(), services.stream().map(ObjectName::toString).toList())
            .map("; did you mean %s?"::formatted)
            .orElse("")
        + (known.isEmpty() ? "; there is none yet" : "; there are: " + known)
        + (services.size() > MOST_NAMED ? " and " + (services.size() - MOST_NAMED) + " more" : "");
  }

  private static StatusException invalid(String message) {
    return Status.INVALID_ARGUMENT.withDescription(message).asException();
  }
}
