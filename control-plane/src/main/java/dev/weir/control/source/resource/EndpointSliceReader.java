package dev.weir.control.source.resource;

import dev.weir.control.model.Addresses;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.model.schema.Word;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a discovery.k8s.io/v1 {@code EndpointSlice}. */
final class EndpointSliceReader implements BodyReader<EndpointSliceReader.Body> {
  private static final String SERVICE_LABEL = "kubernetes.io/service-name";

  @Ignored({"apiVersion", "kind", "metadata"})
  record Body(
      @Field("The family of its addresses.") AddressType addressType,
      @Field(value = "The instances.", max = "1000") List<SliceEndpoint> endpoints,
      @Field(value = "The ports of each.", max = "100") List<SlicePort> ports) {}

  @Planned({"IPv6: use IPv4", "FQDN: use IPv4"})
  enum AddressType {
    @Word("IPv4")
    IPV4
  }

  @Ignored({"deprecatedTopology", "hints", "hostname", "nodeName", "targetRef"})
  record SliceEndpoint(
      @Field(value = "Its addresses.", min = "1", max = "100") List<String> addresses,
      @Field("Its state.") @Nullable Conditions conditions,
      @Field(value = "Where it is.", defaultsTo = "''") String zone) {
    /** Unknown is ready, as Kubernetes has it. */
    boolean ready() {
      return conditions == null || conditions.ready == null || conditions.ready;
    }
  }

  @Ignored({"serving", "terminating"})
  record Conditions(@Field("Whether it takes requests.") @Nullable Boolean ready) {}

  @Ignored({"appProtocol", "protocol"})
  record SlicePort(
      @Field(value = "The service port's name.", defaultsTo = "''") String name,
      @Field(value = "The number.", min = "1", max = "65535") int port) {}

  @Override
  public Class<Body> type() {
    return Body.class;
  }

  @Override
  public Resource translate(Manifest manifest, Body body, Findings findings) {
    String service = manifest.labels().get(SERVICE_LABEL);
    if (service == null) {
      Place place = manifest.place("metadata", "labels");
      findings.error(
          place.at(), place.path(), "the label " + SERVICE_LABEL + " is missing: whose endpoints?");
      service = "";
    }
    Map<String, String> addresses = new LinkedHashMap<>();
    for (int i = 0; i < body.endpoints.size(); i++) {
      SliceEndpoint endpoint = body.endpoints.get(i);
      for (int j = 0; j < endpoint.addresses.size(); j++) {
        String address = endpoint.addresses.get(j);
        if (!Addresses.isIpv4(address)) {
          Place place = manifest.place("endpoints", i, "addresses", j);
          findings.error(place.at(), place.path(), "\"" + address + "\" is not an IPv4 address");
        } else if (endpoint.ready()) {
          addresses.put(address, endpoint.zone);
        }
      }
    }
    return new Resource.OfEndpoints(
        manifest,
        new ObjectName(manifest.name().namespace(), service),
        body.ports.stream().map(port -> endpoints(port, addresses)).toList());
  }

  private static Resource.PortEndpoints endpoints(SlicePort port, Map<String, String> addresses) {
    return new Resource.PortEndpoints(
        port.name,
        addresses.entrySet().stream()
            .map(one -> new Endpoint(one.getKey(), port.port, false, one.getValue()))
            .toList());
  }
}
