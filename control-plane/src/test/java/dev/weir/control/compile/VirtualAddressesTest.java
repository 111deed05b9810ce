package dev.weir.control.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Service;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

/** Which address a service's name resolves to. */
class VirtualAddressesTest {
  private final VirtualAddresses addresses = new VirtualAddresses();

  @Test
  void namesKeepTheirAddressesWhenOthersComeAndGo() {
    List<Service> many = services(3_000);
    SortedMap<ObjectName, String> before = addresses.of(many);
    assertEquals(3_000, new HashSet<>(before.values()).size());
    List<Service> fewer = many.subList(1_000, 2_000);
    assertEquals(
        before.subMap(fewer.getFirst().name(), fewer.getLast().name()),
        addresses.of(fewer).headMap(fewer.getLast().name()));
    assertEquals(
        before.get(fewer.getLast().name()), addresses.of(many).get(fewer.getLast().name()));
  }

  @Test
  void anotherStartGivesTheSameServicesTheSameAddresses() {
    List<Service> services = services(500);
    assertEquals(addresses.of(services), new VirtualAddresses().of(services));
  }

  @Test
  void clusterIpIsTakenAsItIsAndGivenToNoOther() {
    Service first = service("a", Optional.empty());
    String address = addresses.of(List.of(first)).get(first.name());
    Service fixed = service("b", Optional.ofNullable(address));
    SortedMap<ObjectName, String> both = addresses.of(List.of(first, fixed));
    assertEquals(address, both.get(fixed.name()));
    assertNotEquals(address, both.get(first.name()));
  }

  private static List<Service> services(int count) {
    List<Service> services = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      services.add(service("s%05d".formatted(i), Optional.empty()));
    }
    return services;
  }

  private static Service service(String name, Optional<String> clusterIp) {
    return new Service(new ObjectName("shop", name), clusterIp, List.of());
  }
}
