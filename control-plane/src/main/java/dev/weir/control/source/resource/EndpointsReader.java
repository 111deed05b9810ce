package dev.weir.control.source.resource;

import dev.weir.control.model.Addresses;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import java.util.ArrayList;
import java.util.List;

/** Reads a core v1 {@code Endpoints}, which has the name of its service. */
final class EndpointsReader implements BodyReader<EndpointsReader.Body> {
  @Ignored({"apiVersion", "kind", "metadata"})
  record Body(@Field(value = "Instances with the same ports.", max = "100") List<Subset> subsets) {}

  record Subset(
      @Field(value = "The ready ones.", max = "1000") List<Address> addresses,
      @Field(value = "The others.", max = "1000") List<Address> notReadyAddresses,
      @Field(value = "The ports of each.", max = "100") List<SubsetPort> ports) {}

  @Ignored({"hostname", "nodeName", "targetRef"})
  record Address(@Field("An IP address.") String ip) {}

  @Ignored({"appProtocol", "protocol"})
  record SubsetPort(
      @Field(value = "The service port's name.", defaultsTo = "''") String name,
      @Field(value = "The number.", min = "1", max = "65535") int port) {}

  @Override
  public Class<Body> type() {
    return Body.class;
  }

  @Override
  public Resource translate(Manifest manifest, Body body, Findings findings) {
    List<Resource.PortEndpoints> ports = new ArrayList<>();
    for (int i = 0; i < body.subsets.size(); i++) {
      Subset subset = body.subsets.get(i);
      for (int j = 0; j < subset.addresses.size(); j++) {
        String address = subset.addresses.get(j).ip;
        if (!Addresses.isIpv4(address)) {
          Place place = manifest.place("subsets", i, "addresses", j, "ip");
          findings.error(place.at(), place.path(), "\"" + address + "\" is not an IPv4 address");
        }
      }
      for (SubsetPort port : subset.ports) {
        ports.add(
            new Resource.PortEndpoints(
                port.name,
                subset.addresses.stream()
                    .map(address -> new Endpoint(address.ip, port.port))
                    .toList()));
      }
    }
    return new Resource.OfEndpoints(manifest, manifest.name(), ports);
  }
}
