package dev.weir.sidecar.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.protobuf.Message;
import dev.weir.protos.convert.Converted;
import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.config.Parsed;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a message cannot carry is refused where it is configured, with its place and why. */
class WireTextsTest {
  private static final String ROUTE = "virtual_hosts[0].routes[0].";

  private final ResourceParser parser =
      new ResourceParser(
          FieldPolicy.WARN, (resource, fields) -> fail(resource + " sets " + fields));

  private static <P extends Message> Parsed<?> parse(
      String yaml, P prototype, Function<P, ? extends Parsed<?>> parse) {
    Converted<P> config =
        ProtoReader.read(YamlReader.read("test.yaml", yaml).documents().getFirst(), prototype);
    assertEquals(List.of(), config.problems());
    return parse.apply(config.message());
  }

  /** What becomes of a route with {@code fields}. */
  private Parsed<?> route(String fields) {
    return parse(
        """
        name: local
        virtual_hosts:
        - name: app
          domains: ["*"]
          routes:
          - match: {prefix: /}
            %s
        """
            .formatted(fields),
        RouteConfiguration.getDefaultInstance(),
        parser::routeConfiguration);
  }

  private static Parsed<?> refused(String field, String reason) {
    return new Parsed.Rejected<>(field, reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"request", "response"})
  void nameOfAHeaderIsAToken(String side) {
    for (String action : List.of("route: {cluster: a}", "direct_response: {status: 200}")) {
      assertEquals(
          refused(
              ROUTE + side + "_headers_to_add[0].header.key",
              "\"x gone\" is no name of a header: letters, digits and !#$%&'*+-.^_`|~"),
          route(
              action
                  + "\n    "
                  + side
                  + "_headers_to_add: [{header: {key: \"x gone\", value: a}}]"));
      assertEquals(
          refused(
              ROUTE + side + "_headers_to_remove[0]",
              "\"x(gone\" is no name of a header: letters, digits and !#$%&'*+-.^_`|~"),
          route(action + "\n    " + side + "_headers_to_remove: [\"x(gone\"]"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length",
        "transfer-encoding",
        "Connection",
        "Upgrade",
        "Keep-Alive",
        "Proxy-Connection",
        "TE",
        "Trailer"
      })
  void framingIsNobodysToChange(String name) {
    String reason = "\"" + name + "\" frames the message on its connection, and may not be changed";
    for (String side : List.of("request", "response")) {
      String add = side + "_headers_to_add: [{header: {key: " + name + ", value: \"5\"}}]";
      String remove = side + "_headers_to_remove: [" + name + "]";
      for (String action : List.of("route: {cluster: a}", "direct_response: {status: 200}")) {
        assertEquals(
            refused(ROUTE + side + "_headers_to_add[0].header.key", reason),
            route(action + "\n    " + add));
        assertEquals(
            refused(ROUTE + side + "_headers_to_remove[0]", reason),
            route(action + "\n    " + remove));
      }
      String split = "route: {weighted_clusters: {clusters: [{name: a, weight: 1, %s}]}}";
      String cluster = ROUTE + "route.weighted_clusters.clusters[0].";
      assertEquals(
          refused(cluster + side + "_headers_to_add[0].header.key", reason),
          route(split.formatted(add)));
      assertEquals(
          refused(cluster + side + "_headers_to_remove[0]", reason),
          route(split.formatted(remove)));
      assertEquals(
          refused(side + "_headers_to_remove[0]", reason),
          parse(
              "name: local\n" + remove,
              RouteConfiguration.getDefaultInstance(),
              parser::routeConfiguration));
      assertEquals(
          refused("virtual_hosts[0]." + side + "_headers_to_add[0].header.key", reason),
          parse(
              "name: local\nvirtual_hosts: [{name: a, domains: [a], %s}]".formatted(add),
              RouteConfiguration.getDefaultInstance(),
              parser::routeConfiguration));
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      quoteCharacter = '`',
      delimiter = ';',
      value = {
        "`route: {cluster: a, prefix_rewrite: \"/a b\"}`; route.prefix_rewrite; `\"/a b\" has a space, which cannot stand in a path; write it as %20`",
        "`route: {cluster: a, prefix_rewrite: \"/a–b\"}`; route.prefix_rewrite; `\"/a–b\" has the character U+2013, which cannot stand in a path; write it as %E2%80%93`",
        "`route: {cluster: a, prefix_rewrite: \"/a#b\"}`; route.prefix_rewrite; `\"/a#b\" has a #, which ends a path; write it as %23`",
        "`route: {cluster: a, prefix_rewrite: \"a\"}`; route.prefix_rewrite; `\"a\" must begin with /: it begins a path`",
        "`route: {cluster: a, regex_rewrite: {pattern: {regex: a}, substitution: \"b–\"}}`; route.regex_rewrite.substitution; `\"b–\" has the character U+2013, which cannot stand in a path; write it as %E2%80%93`",
        "`route: {cluster: a, host_rewrite_literal: \"a b\"}`; route.host_rewrite_literal; `\"a b\" is no host: a name or an address, and maybe a port behind a colon`",
        "`route: {cluster: a, host_rewrite_literal: \"a/b\"}`; route.host_rewrite_literal; `\"a/b\" is no host: a name or an address, and maybe a port behind a colon`",
        "`route: {weighted_clusters: {clusters: [{name: a, weight: 1, host_rewrite_literal: \"a–b\"}]}}`; route.weighted_clusters.clusters[0].host_rewrite_literal; `\"a–b\" is no host: a name or an address, and maybe a port behind a colon`",
        "`redirect: {path_redirect: \"/a b\"}`; redirect.path_redirect; `\"/a b\" has a space, which cannot stand in a path; write it as %20`",
        "`redirect: {path_redirect: \"/–\"}`; redirect.path_redirect; `\"/–\" has the character U+2013, which cannot stand in a path; write it as %E2%80%93`",
        "`redirect: {path_redirect: \".evil.example\"}`; redirect.path_redirect; `\".evil.example\" must begin with /: it begins a path`",
        "`redirect: {prefix_rewrite: \"/–\"}`; redirect.prefix_rewrite; `\"/–\" has the character U+2013, which cannot stand in a path; write it as %E2%80%93`",
        "`redirect: {regex_rewrite: {pattern: {regex: a}, substitution: \"b c\"}}`; redirect.regex_rewrite.substitution; `\"b c\" has a space, which cannot stand in a path; write it as %20`",
        "`redirect: {host_redirect: \"–\"}`; redirect.host_redirect; `\"–\" is no host: a name or an address, and maybe a port behind a colon`",
        "`redirect: {scheme_redirect: \"a b\"}`; redirect.scheme_redirect; `\"a b\" is no scheme of a URI`"
      })
  void rewriteMakesAPathOrAHost(String action, String field, String reason) {
    assertEquals(refused(ROUTE + field, reason), route(action));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "route: {cluster: a, prefix_rewrite: \"/a%20b?c=d\", host_rewrite_literal: \"[::1]:80\"}",
        "route: {cluster: a, regex_rewrite: {pattern: {regex: a}, substitution: \"\"}}",
        "redirect: {path_redirect: \"/new?a=b#part\", host_redirect: \"a.example:8443\"}",
        "redirect: {scheme_redirect: ws+unix}"
      })
  void whatAMessageCanCarryIsTaken(String action) {
    assertInstanceOf(Parsed.Accepted.class, route(action));
  }

  @Test
  void valueOfAHeaderIsALine() {
    assertEquals(
        refused(
            ROUTE + "request_headers_to_add[0].header.value",
            "has the character U+0007, which no header can carry"),
        route(
            "route: {cluster: a}\n    request_headers_to_add: [{header: {key: x-a, value: \"a\\ab\"}}]"));
    assertInstanceOf(
        Parsed.Accepted.class,
        route(
            "route: {cluster: a}\n    request_headers_to_add: [{header: {key: x-a, value: \"ü\\t–\"}}]"));
  }

  /** What becomes of a listener whose connection manager has {@code fields} and one filter. */
  private Parsed<?> manager(String fields, String filter) {
    return parse(
        """
        name: in
        address: {socket_address: {address: 127.0.0.1, port_value: 15001}}
        filter_chains:
        - filters:
          - name: hcm
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: in
              route_config: {name: local}
              %s
              http_filters:
              %s
              - {name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
        """
            .formatted(fields, filter),
        Listener.getDefaultInstance(),
        parser::listener);
  }

  private static final String MANAGER = "filter_chains[0].filters[0].typed_config.";
  private static final String FILTER = MANAGER + "http_filters[0].typed_config.";

  @Test
  void nameOfTheServerIsPrintableAscii() {
    assertEquals(
        refused(
            MANAGER + "server_name", "has the character U+2013; only printable ASCII is sent here"),
        manager("server_name: \"we–ir\"", ""));
    assertEquals(
        refused(
            MANAGER + "server_name", "\" weir\" begins or ends with a space, which no header can"),
        manager("server_name: \" weir\"", ""));
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      quoteCharacter = '`',
      delimiter = ';',
      value = {
        "`envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit, stat_prefix: rl, response_headers_to_add: [{header: {key: \"x a\", value: b}}]`; response_headers_to_add[0].header.key; `\"x a\" is no name of a header: letters, digits and !#$%&'*+-.^_``|~`",
        "`envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit, stat_prefix: rl, response_headers_to_add: [{header: {key: Content-Length, value: \"5\"}}]`; response_headers_to_add[0].header.key; `\"Content-Length\" frames the message on its connection, and may not be changed`",
        "`envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication, providers: {p: {local_jwks: {inline_string: \"{}\"}, claim_to_headers: [{header_name: \"x a\", claim_name: sub}]}}`; providers[\"p\"].claim_to_headers[0].header_name; `\"x a\" is no name of a header: letters, digits and !#$%&'*+-.^_``|~`",
        "`envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication, providers: {p: {local_jwks: {inline_string: \"{}\"}, claim_to_headers: [{header_name: transfer-encoding, claim_name: sub}]}}`; providers[\"p\"].claim_to_headers[0].header_name; `\"transfer-encoding\" frames the message on its connection, and may not be changed`",
        "`envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication, providers: {p: {local_jwks: {inline_string: \"{}\"}, forward_payload_header: host}}`; providers[\"p\"].forward_payload_header; `\"host\": pseudo-headers and host may not be changed`",
        "`envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication, providers: {p: {remote_jwks: {http_uri: {uri: \"http:///keys\", cluster: c, timeout: 1s}}}}`; providers[\"p\"].remote_jwks.http_uri.uri; `must name a host: http://host/path`",
        "`envoy.extensions.filters.http.ext_authz.v3.ExtAuthz, grpc_service: {envoy_grpc: {cluster_name: c, authority: \"a b\"}}`; grpc_service.envoy_grpc.authority; `\"a b\" is no host: a name or an address, and maybe a port behind a colon`",
        "`envoy.extensions.filters.http.ext_authz.v3.ExtAuthz, grpc_service: {envoy_grpc: {cluster_name: \"c–d\"}}`; grpc_service.envoy_grpc.authority; `must be set: the cluster's name has the character U+2013, which cannot stand in a host`",
        "`envoy.extensions.filters.http.ext_authz.v3.ExtAuthz, grpc_service: {envoy_grpc: {cluster_name: c}, initial_metadata: [{key: te, value: gzip}]}`; grpc_service.initial_metadata[0].key; `\"te\" frames the message on its connection, and may not be changed`"
      })
  void filterSendsWhatAMessageCanCarry(String filter, String field, String reason) {
    assertEquals(
        refused(FILTER + field, reason),
        manager("", "- {name: f, typed_config: {\"@type\": type.googleapis.com/" + filter + "}}"));
  }
}
