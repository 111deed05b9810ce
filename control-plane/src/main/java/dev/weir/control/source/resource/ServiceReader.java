package dev.weir.control.source.resource;

import dev.weir.control.model.Addresses;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePattern;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import dev.weir.control.model.schema.PortReference;
import dev.weir.control.model.schema.Word;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a core v1 {@code Service}. */
final class ServiceReader implements BodyReader<ServiceReader.Body> {
  /** The services that its own sidecars are told of, separated by commas. */
  static final String SCOPE = "weir.dev/scope";

  private static final String NONE = "None";

  /** Kubernetes' IANA_SVC_NAME: a letter somewhere, 15 characters at most. */
  private static final Pattern PORT_NAME =
      Pattern.compile("(?=.*[a-z])[a-z0-9](?:-?[a-z0-9]){0,14}");

  @Ignored({"apiVersion", "kind", "metadata", "status"})
  record Body(@Field("The service.") Spec spec) {}

  @Ignored({
    "allocateLoadBalancerNodePorts",
    "clusterIPs",
    "externalIPs",
    "externalTrafficPolicy",
    "healthCheckNodePort",
    "internalTrafficPolicy",
    "ipFamilies",
    "ipFamilyPolicy",
    "loadBalancerClass",
    "loadBalancerIP",
    "loadBalancerSourceRanges",
    "publishNotReadyAddresses",
    "sessionAffinityConfig"
  })
  record Spec(
      @Field(value = "How it is reached from outside.", defaultsTo = "ClusterIP") Type type,
      @Field(value = "The name that a Service of type ExternalName leads to.", max = "253")
          @Nullable String externalName,
      @Field("Its virtual address.") @Nullable String clusterIP,
      @Field("The labels of its pods.") Map<String, String> selector,
      @Field(value = "Whether a caller stays with an instance.", defaultsTo = "None")
          Affinity sessionAffinity,
      @Field("Which instances callers keep to while these can take it; absent: to none.")
          @Nullable Distribution trafficDistribution,
      @Field(value = "Its ports.", min = "1", max = "64") List<ServicePortSpec> ports) {}

  /** PreferClose is the older name of PreferSameZone. */
  enum Distribution {
    PREFER_CLOSE,
    PREFER_SAME_ZONE,
    PREFER_SAME_NODE
  }

  enum Type {
    @Word("ClusterIP")
    CLUSTER_IP,
    NODE_PORT,
    LOAD_BALANCER,
    EXTERNAL_NAME
  }

  enum Affinity {
    NONE,
    @Word("ClientIP")
    CLIENT_IP
  }

  @Ignored("nodePort")
  record ServicePortSpec(
      @Field(value = "Its name.", max = "63") @Nullable String name,
      @Field(value = "The transport.", defaultsTo = "TCP") Transport protocol,
      @Field(value = "What is spoken on it.", max = "316") @Nullable String appProtocol,
      @Field(value = "The number callers use.", min = "1", max = "65535") int port,
      @Field("The number instances listen on.") @Nullable PortReference targetPort) {}

  enum Transport {
    @Word("TCP")
    TCP,
    @Word("UDP")
    UDP,
    @Word("SCTP")
    SCTP
  }

  @Override
  public Class<Body> type() {
    return Body.class;
  }

  @Override
  public Resource translate(Manifest manifest, Body body, Findings findings) {
    List<Port> ports = new ArrayList<>();
    Set<Integer> numbers = new HashSet<>();
    Set<String> names = new HashSet<>();
    Map<Integer, Resource.NamedTarget> targets = new TreeMap<>();
    List<ServicePortSpec> written = body.spec.ports;
    for (int i = 0; i < written.size(); i++) {
      ServicePortSpec port = written.get(i);
      String name = port.name == null ? "" : port.name;
      Place place = manifest.place("spec", "ports", i);
      if (port.protocol != Transport.TCP) {
        findings.warning(
            place.at(), place.path(), port.protocol + " is not taken over; it passes by the mesh");
        continue;
      }
      if (!numbers.add(port.port)) {
        Place number = manifest.place("spec", "ports", i, "port");
        findings.error(number.at(), number.path(), port.port + " is already a port of the service");
      }
      if (!names.add(name)) {
        Place named = manifest.place("spec", "ports", i, "name");
        findings.error(
            named.at(),
            named.path(),
            name.isEmpty()
                ? "missing; ports have names when there are several"
                : "\"" + name + "\" is already a port of the service");
      }
      ports.add(
          new Port(
              name,
              port.port,
              targetPort(manifest, i, port, targets, findings),
              protocol(manifest, i, port, findings)));
    }
    warnOfWhatIsOtherwise(manifest, body.spec, findings);
    return new Resource.OfService(
        manifest,
        new Service(
            manifest.name(),
            clusterIp(manifest, body.spec, findings),
            ports,
            body.spec.selector,
            scope(manifest, findings),
            ExternalNames.of(
                manifest,
                body.spec.type == Type.EXTERNAL_NAME,
                Optional.ofNullable(body.spec.externalName),
                findings),
            body.spec.trafficDistribution != null,
            NONE.equals(body.spec.clusterIP)),
        targets);
  }

  private static void warnOfWhatIsOtherwise(Manifest manifest, Spec spec, Findings findings) {
    if (NONE.equals(spec.clusterIP)) {
      Place place = manifest.place("spec", "clusterIP");
      findings.warning(
          place.at(),
          place.path(),
          "in a folder a headless service's name leads to an address of the mesh, and each call to"
              + " one of its instances, which have no names of their own; in a cluster it leads to"
              + " the instances, of which the caller chooses one");
    }
    if (spec.trafficDistribution == Distribution.PREFER_SAME_NODE) {
      Place place = manifest.place("spec", "trafficDistribution");
      findings.warning(
          place.at(),
          place.path(),
          "PreferSameNode is taken as PreferSameZone: nodes are not told apart");
    }
    if (spec.sessionAffinity == Affinity.CLIENT_IP) {
      Place place = manifest.place("spec", "sessionAffinity");
      findings.warning(
          place.at(),
          place.path(),
          "ClientIP is not honoured: calls are spread over the instances, whoever makes them");
    }
  }

  private static List<ServicePattern> scope(Manifest manifest, Findings findings) {
    String written = manifest.annotations().getOrDefault(SCOPE, "").strip();
    if (written.isEmpty()) {
      return List.of();
    }
    List<ServicePattern> patterns = new ArrayList<>();
    for (String one : written.split(",", -1)) {
      try {
        patterns.add(ServicePattern.of(one.strip()));
      } catch (IllegalArgumentException e) {
        Place place = manifest.place("metadata", "annotations", SCOPE);
        findings.error(place.at(), place.path(), String.valueOf(e.getMessage()));
      }
    }
    return patterns;
  }

  private static int targetPort(
      Manifest manifest,
      int index,
      ServicePortSpec port,
      Map<Integer, Resource.NamedTarget> targets,
      Findings findings) {
    if (port.targetPort == null) {
      return port.port;
    }
    OptionalInt number = port.targetPort.number();
    String text = port.targetPort.text();
    if (number.isEmpty() && PORT_NAME.matcher(text).matches()) {
      targets.put(port.port, new Resource.NamedTarget(index, text));
    } else if (number.isEmpty()) {
      Place place = manifest.place("spec", "ports", index, "targetPort");
      findings.error(
          place.at(),
          place.path(),
          "\"" + text + "\" is neither a number from 1 to 65535 nor a name of a pod's port");
    }
    return number.orElse(port.port);
  }

  private static Port.Protocol protocol(
      Manifest manifest, int index, ServicePortSpec port, Findings findings) {
    if (port.appProtocol != null && AppProtocols.of(port.appProtocol).isEmpty()) {
      Place place = manifest.place("spec", "ports", index, "appProtocol");
      findings.warning(place.at(), place.path(), AppProtocols.unknown(port.appProtocol));
    }
    return AppProtocols.of(
        Optional.ofNullable(port.appProtocol), port.name == null ? "" : port.name);
  }

  private static Optional<String> clusterIp(Manifest manifest, Spec spec, Findings findings) {
    String written = spec.clusterIP;
    if (written == null || written.isEmpty() || written.equals(NONE)) {
      return Optional.empty();
    }
    if (!Addresses.isIpv4(written)) {
      Place place = manifest.place("spec", "clusterIP");
      findings.error(
          place.at(), place.path(), "\"" + written + "\" is not an IPv4 address, nor None");
    }
    return Optional.of(written);
  }
}
