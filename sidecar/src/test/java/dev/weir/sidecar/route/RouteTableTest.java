package dev.weir.sidecar.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.testkit.Resources;
import dev.weir.testkit.Cases;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Files of {@code src/test/resources/route-table}: routes, and requests with what each finds. */
class RouteTableTest {
  @TestFactory
  Stream<DynamicTest> requestFindsItsRoute() {
    return Cases.of("route-table", (text, file) -> check(file));
  }

  private static void check(Mapping file) {
    RouteTable table = table(file.get("routes").orElseThrow());
    for (YamlNode each : Cases.items(file, "requests")) {
      Mapping request = (Mapping) each;
      Headers headers =
          Headers.request(
              "GET", Cases.text(request, "authority", "app"), Cases.text(request, "path", "/"));
      for (String key : List.of("header", "also")) {
        String header = Cases.text(request, key, "");
        if (!header.isEmpty()) {
          headers.add(header.substring(0, header.indexOf(':')), header.split(": ")[1]);
        }
      }
      assertEquals(Cases.text(request, "route", ""), found(table, headers), headers.toString());
    }
  }

  private static RouteTable table(YamlNode routes) {
    return new RouteTable(Resources.routes(routes), List.of(), (index, config) -> config);
  }

  private static String found(RouteTable table, Headers request) {
    RouteEntry entry = table.match(request);
    return entry == null ? "none" : entry.name();
  }

  @Provide
  Arbitrary<Set<String>> domains() {
    Arbitrary<String> name = Arbitraries.strings().withChars("ab.").ofMinLength(1).ofMaxLength(4);
    return Arbitraries.oneOf(
            name, name.map(part -> "*" + part), name.map(part -> part + "*"), Arbitraries.just("*"))
        .set()
        .ofMinSize(1)
        .ofMaxSize(8);
  }

  @Provide
  Arbitrary<String> hosts() {
    return Arbitraries.strings().withChars("abAB.").ofMinLength(1).ofMaxLength(6);
  }

  @Property
  void domainIsTheOneThatASlowLookWouldFind(
      @ForAll("domains") Set<String> domains, @ForAll("hosts") String host) {
    String virtualHosts =
        domains.stream()
            .map(domain ->
                "{name: v, domains: [\"%s\"], routes: [{name: \"%s\", match: {prefix: /}, direct_response: {status: 200}}]}"
                    .formatted(domain, domain))
            .collect(Collectors.joining(", "));
    RouteTable table =
        table(
            YamlReader.read("table", "name: table\nvirtual_hosts: [" + virtualHosts + "]\n")
                .documents()
                .getFirst());
    assertEquals(slow(domains, host), found(table, Headers.request("GET", host, "/")));
  }

  /** Every rank over every domain: exact, suffix from the longest, prefix likewise, any. */
  private static String slow(Set<String> domains, String host) {
    String name = host.toLowerCase(Locale.ROOT);
    if (domains.contains(name)) {
      return name;
    }
    for (int length = name.length() - 1; length > 0; length--) {
      String suffix = "*" + name.substring(name.length() - length);
      if (domains.contains(suffix)) {
        return suffix;
      }
    }
    for (int length = name.length() - 1; length > 0; length--) {
      String prefix = name.substring(0, length) + "*";
      if (domains.contains(prefix)) {
        return prefix;
      }
    }
    return domains.contains("*") ? "*" : "none";
  }
}
