package dev.weir.control.cli.migrate.linkerd;

import dev.weir.control.cli.migrate.resource.Document;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.protos.FieldPath;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Linkerd's resources, in the order in which they follow from each other: Servers, the requests of
 * their routes and the callers that are known, before who may call.
 */
public final class LinkerdTranslation {
  private static final String POLICY = "policy.linkerd.io";
  private static final Set<String> KINDS =
      Set.of(
          "AuthorizationPolicy",
          "HTTPLocalRateLimitPolicy",
          "HTTPRoute",
          "MeshTLSAuthentication",
          "NetworkAuthentication",
          "Server");

  /** What is said by them on Services and routes, of which there is nothing left. */
  private static final List<String> ANNOTATIONS =
      List.of("retry.linkerd.io/", "timeout.linkerd.io/", "balancer.linkerd.io/");

  private static final String INBOUND_POLICY = "config.linkerd.io/default-inbound-policy";
  private static final Set<String> WITH_PODS =
      Set.of("DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet");

  private final Report report;
  private final ServiceProfiles profiles;
  private final Servers servers;
  private final InboundRoutes inbound;
  private final HttpRoutes routes;
  private final Authentications authentications;
  private final Authorizations authorizations;
  private final RateLimits limits;
  private final List<Document> documents = new ArrayList<>();

  /** Specs that have been looked at, to be asked at the end what nobody has read. */
  private final IdentityHashMap<Document, Fields> specs = new IdentityHashMap<>();

  /**
   * @param services which are known when {@link #translate} is called
   */
  public LinkerdTranslation(Services services, Report report, Output output) {
    this.report = report;
    this.profiles = new ServiceProfiles(services, report, output);
    this.servers = new Servers(services, report);
    this.inbound = new InboundRoutes(report);
    this.routes = new HttpRoutes(services, report, output);
    this.authentications = new Authentications(report);
    this.authorizations = new Authorizations(servers, inbound, authentications, report, output);
    this.limits = new RateLimits(servers, report, output);
  }

  /**
   * Whether it is of a kind that is translated; if so it is taken. So are routes of Gateway API
   * that are Servers'.
   */
  public boolean read(Document document) {
    annotations(document);
    boolean taken =
        document.is("linkerd.io", "ServiceProfile")
            || document.group().equals(POLICY) && KINDS.contains(document.kind())
            || isRoute(document) && InboundRoutes.isOne(document.fields("spec", report));
    if (taken) {
      documents.add(document);
    }
    return taken;
  }

  private static boolean isRoute(Document document) {
    return document.is(Output.GATEWAY, "HTTPRoute") || document.is(Output.GATEWAY, "GRPCRoute");
  }

  private void annotations(Document document) {
    Fields metadata = document.fields("metadata", report);
    Optional<Fields> template =
        !WITH_PODS.contains(document.kind())
            ? Optional.empty()
            : document.fields("spec", report).map("template").flatMap(pod -> pod.map("metadata"));
    inboundPolicy(metadata);
    template.ifPresent(this::inboundPolicy);
    for (String name : metadata.textTable("annotations").keySet()) {
      if (ANNOTATIONS.stream().anyMatch(name::startsWith)) {
        report.without(
            metadata.at(),
            FieldPath.ROOT.field("metadata").field("annotations").field(name),
            "write it in a ResiliencePolicy");
      }
    }
  }

  /** Who may call ports that no Server is for, but for everybody. */
  private void inboundPolicy(Fields metadata) {
    String policy = metadata.textTable("annotations").getOrDefault(INBOUND_POLICY, "");
    if (!policy.isEmpty() && !policy.equals("all-unauthenticated")) {
      report.without(
          metadata.at(),
          metadata.path().field("annotations").field(INBOUND_POLICY),
          "ports without a Server let in everybody; an AuthorizationPolicy of the Namespace says who"
              + " may call, and mtls Strict that all must have a certificate");
    }
  }

  /** All that was read, once. */
  public void translate() {
    each("Server", (document, spec) -> servers.add(document.name(), spec));
    each(
        "MeshTLSAuthentication",
        (document, spec) -> authentications.addMeshTls(document.name(), spec));
    each(
        "NetworkAuthentication",
        (document, spec) -> authentications.addNetwork(document.name(), spec));
    each("HTTPRoute", this::route);
    each("GRPCRoute", this::route);
    each("AuthorizationPolicy", (document, spec) -> authorizations.add(document.name(), spec));
    authorizations.translate();
    each("HTTPLocalRateLimitPolicy", (document, spec) -> limits.translate(document.name(), spec));
    each(
        "ServiceProfile",
        (document, spec) ->
            profiles.translate(document.name(), document.fields("metadata", report), spec));
    for (Document document : documents) {
      report.about(document.kind() + " " + document.name());
      spec(document).reportUnread();
    }
  }

  private void route(Document document, Fields spec) {
    if (InboundRoutes.isOne(spec)) {
      inbound.add(document.name(), document.kind().equals("GRPCRoute"), spec);
    } else {
      routes.translate(document.name(), spec);
    }
  }

  private void each(String kind, BiConsumer<Document, Fields> then) {
    for (Document document : documents) {
      if (document.kind().equals(kind)) {
        report.about(document.kind() + " " + document.name());
        then.accept(document, spec(document));
      }
    }
  }

  private Fields spec(Document document) {
    return specs.computeIfAbsent(document, key -> key.fields("spec", report));
  }
}
