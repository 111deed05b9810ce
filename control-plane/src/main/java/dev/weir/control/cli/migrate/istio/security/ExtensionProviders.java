package dev.weir.control.cli.migrate.istio.security;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.cli.migrate.resource.Texts;
import dev.weir.control.model.ObjectName;
import dev.weir.protos.FieldPath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Istio's servers that decide on requests, by the name that policies call them. */
final class ExtensionProviders {
  private static final String GRPC = "envoyExtAuthzGrpc";
  private static final String HTTP = "envoyExtAuthzHttp";

  /** The most that a policy of Weir's waits; Istio's own default is ten minutes. */
  private static final Duration LONGEST = Duration.ofSeconds(60);

  /** What a server of HTTP is told, whatever is written. */
  private static final Set<String> TOLD =
      Set.of(
          "authorization",
          "cookie",
          "x-forwarded-client-cert",
          "x-forwarded-proto",
          "x-request-id");

  /**
   * @param map where it is written
   */
  private record Provider(ObjectName map, Fields fields) {}

  private final Services services;
  private final Report report;
  private final Map<String, Provider> providers = new LinkedHashMap<>();

  ExtensionProviders(Services services, Report report) {
    this.services = services;
    this.report = report;
  }

  /** Takes those that the ConfigMap {@code name} has. */
  void add(ObjectName name, Fields mesh) {
    for (Fields provider : mesh.maps("extensionProviders")) {
      provider.text("name").ifPresent(each -> providers.put(each, new Provider(name, provider)));
    }
  }

  /** Whether one of that name is among the files. */
  boolean has(String name) {
    return providers.containsKey(name);
  }

  /** The {@code external} of a policy that names it; empty, and said, if it is not to be had. */
  Optional<Map<String, Object>> external(String name) {
    Provider provider = providers.get(name);
    if (provider == null) {
      return Optional.empty();
    }
    report.about("ConfigMap " + provider.map);
    Fields fields = provider.fields;
    Optional<Fields> grpc = fields.map(GRPC);
    Optional<Fields> server = grpc.isPresent() ? grpc : fields.map(HTTP);
    if (server.isEmpty()) {
      report.without(fields.at(), fields.path(), "it is neither an " + GRPC + " nor an " + HTTP);
      return Optional.empty();
    }
    Map<String, Object> external = Output.fields();
    boolean found = backend(server.get(), provider.map.namespace(), external);
    external.put("protocol", grpc.isPresent() ? "Grpc" : "Http");
    timeout(server.get(), external);
    if (server.get().flag("failOpen")) {
      external.put("onUnavailable", "Allow");
    }
    rest(server.get());
    if (grpc.isEmpty()) {
      http(server.get(), external);
    }
    fields.reportUnread();
    return found ? Optional.of(external) : Optional.empty();
  }

  private boolean backend(Fields server, String namespace, Map<String, Object> external) {
    String host = server.text("service").orElse("");
    FieldPath at = server.path().field("service");
    String name = host.substring(host.indexOf('/') + 1);
    Optional<Integer> port = server.number("port");
    if (port.isEmpty()) {
      report.wrong(server.at(), server.path().field("port"), "is required");
    }
    if (name.isEmpty() || name.equals("localhost") || name.matches("[0-9.:]+")) {
      report.without(
          server.at(), at, "\"" + host + "\" is no service of the mesh; give the server one");
      return false;
    }
    Optional<ObjectName> service = services.service(name, namespace, server.at(), at);
    if (service.isEmpty() || port.isEmpty()) {
      return false;
    }
    external.put(
        "backendRef",
        Output.fields(
            "name", service.get().name(),
            "namespace", service.get().namespace(),
            "port", port.get()));
    return true;
  }

  private void timeout(Fields server, Map<String, Object> external) {
    Optional<String> text = server.text("timeout");
    Optional<Duration> timeout = text.flatMap(Texts::parse);
    if (text.isPresent() && timeout.isEmpty()) {
      report.wrong(
          server.at(), server.path().field("timeout"), "\"" + text.get() + "\" is no duration");
    } else if (timeout.isPresent() && timeout.get().compareTo(LONGEST) <= 0) {
      external.put("timeout", text.flatMap(Texts::duration).orElseThrow());
    } else {
      external.put("timeout", "60s");
      server.note(
          "timeout",
          "becomes 60s, which is the most; " + text.orElse("unset, it is 600s") + " here");
    }
  }

  private static void rest(Fields server) {
    if (server.text("statusOnError").filter("503"::equals).isEmpty()) {
      server.without("statusOnError", "without an answer a request is answered 503");
    }
    if (server.flag("clearRouteCache")) {
      server.without("clearRouteCache", "a route is chosen before");
    }
    server.without("includeRequestBodyInCheck", "a server is told no body");
  }

  private void http(Fields server, Map<String, Object> external) {
    server.without("pathPrefix", "a server is asked at the path of the request");
    server.without("includeAdditionalHeadersInCheck", "nothing is added to what a server is told");
    server.without("headersToDownstreamOnAllow", "an answer that allows tells the client nothing");
    server.ignore("headersToDownstreamOnDeny"); // all of them
    told(server, "includeRequestHeadersInCheck");
    told(server, "includeHeadersInCheck");
    List<String> toApp = new ArrayList<>();
    List<String> written = server.texts("headersUpstreamOnAllow");
    for (int i = 0; i < written.size(); i++) {
      if (written.get(i).contains("*")) {
        report.without(
            server.at(),
            server.path().field("headersUpstreamOnAllow").index(i),
            "headersToApp names each header");
      } else {
        toApp.add(written.get(i));
      }
    }
    if (!toApp.isEmpty()) {
      external.put("headersToApp", toApp);
    }
  }

  private void told(Fields server, String field) {
    List<String> names = server.texts(field);
    for (int i = 0; i < names.size(); i++) {
      if (!TOLD.contains(names.get(i).toLowerCase(java.util.Locale.ROOT))) {
        report.without(
            server.at(),
            server.path().field(field).index(i),
            "a server is told authorization, cookie, x-request-id, x-forwarded-proto and"
                + " x-forwarded-client-cert");
      }
    }
  }
}
