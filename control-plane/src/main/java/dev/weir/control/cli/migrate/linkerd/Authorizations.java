package dev.weir.control.cli.migrate.linkerd;

import dev.weir.control.cli.migrate.linkerd.Authentications.Named;
import dev.weir.control.cli.migrate.linkerd.Servers.Access;
import dev.weir.control.cli.migrate.linkerd.Servers.Server;
import dev.weir.control.cli.migrate.resource.AccessPolicy;
import dev.weir.control.cli.migrate.resource.Callers;
import dev.weir.control.cli.migrate.resource.Callers.By;
import dev.weir.control.cli.migrate.resource.Callers.Caller;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who may call Linkerd's Servers: an AuthorizationPolicy for each of its own, and one that lets
 * nobody in for a Server that none is for. Whoever has a certificate is let in where all must have
 * one, by an AuthenticationPolicy of mode Strict.
 */
final class Authorizations {
  private static final String KIND = "AuthorizationPolicy ";
  private static final String SERVER = "Server ";

  /** As Linkerd has them where nobody says more. */
  private static final List<Caller> CLUSTER_NETWORKS =
      Stream.of("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8")
          .map(block -> new Caller(By.IP_BLOCKS, block))
          .toList();

  /**
   * Who may call a Server.
   *
   * @param policy what is written is called so
   * @param resource what it is from
   * @param anyIdentity of these, whoever has a certificate
   * @param certified whether nobody comes in without one
   * @param matches what they may call; empty: anything
   */
  private record Grant(
      ObjectName policy,
      String resource,
      Fields written,
      List<Map<String, Object>> from,
      boolean anyIdentity,
      boolean certified,
      List<Map<String, Object>> matches) {}

  private record Policy(ObjectName name, Fields spec) {}

  private final Servers servers;
  private final InboundRoutes routes;
  private final Authentications authentications;
  private final Report report;
  private final Output output;
  private final List<Policy> policies = new ArrayList<>();

  Authorizations(
      Servers servers,
      InboundRoutes routes,
      Authentications authentications,
      Report report,
      Output output) {
    this.servers = servers;
    this.routes = routes;
    this.authentications = authentications;
    this.report = report;
    this.output = output;
  }

  void add(ObjectName name, Fields spec) {
    policies.add(new Policy(name, spec));
  }

  /** All that were added, once. */
  void translate() {
    Map<Server, List<Grant>> grants = new LinkedHashMap<>();
    servers.all().forEach(server -> grants.put(server, new ArrayList<>()));
    for (Policy policy : policies) {
      report.about(KIND + policy.name);
      grant(policy, grants);
    }
    grants.forEach((server, some) -> {
      report.about(SERVER + server.name());
      write(server, some);
    });
  }

  private void grant(Policy policy, Map<Server, List<Grant>> grants) {
    Optional<Fields> target = policy.spec.map("targetRef");
    String kind = target.flatMap(ref -> ref.text("kind")).orElse("");
    String of = target.flatMap(ref -> ref.text("name")).orElse("");
    String namespace = policy.name.namespace();
    ObjectName name = new ObjectName(namespace, of);
    target.ifPresent(ref -> ref.ignore("group", "namespace"));
    Map<Server, List<Map<String, Object>>> found = new LinkedHashMap<>();
    switch (kind) {
      case "Server" ->
          servers
              .named(name)
              .filter(this::takesAnything)
              .ifPresent(server -> found.put(server, ofServer(server)));
      case "Namespace" ->
          servers.all().stream()
              .filter(server -> server.name().namespace().equals(of) && takesAnything(server))
              .forEach(server -> found.put(server, ofServer(server)));
      case "HTTPRoute", "GRPCRoute" -> {
        for (ObjectName each : routes.servers(name)) {
          servers.named(each).ifPresent(server -> found.put(server, routes.ofRoute(name, each)));
        }
        report.about(KIND + policy.name);
        found.values().removeIf(List::isEmpty);
      }
      default -> {}
    }
    Fields at = target.orElse(policy.spec);
    if (found.isEmpty()) {
      report.wrong(
          at.at(),
          at.path(),
          "is left out: there is no Server among what is translated that it is for, or none of its"
              + " requests");
      policy.spec.ignore("requiredAuthenticationRefs");
      return;
    }
    for (Map.Entry<Server, List<Map<String, Object>>> each : found.entrySet()) {
      callers(policy, each.getValue())
          .ifPresent(grant -> grants.getOrDefault(each.getKey(), new ArrayList<>()).add(grant));
    }
  }

  /** Whether some of the requests of its routes, if it has any, can be said. */
  private boolean takesAnything(Server server) {
    return !routes.limit(server.name()) || !routes.ofServer(server.name()).isEmpty();
  }

  /** Empty: anything; a Server with routes takes no other requests. */
  private List<Map<String, Object>> ofServer(Server server) {
    return routes.limit(server.name()) ? routes.ofServer(server.name()) : List.of();
  }

  /** Each of its references must hold; empty, and said, if nobody can be who they want. */
  private Optional<Grant> callers(Policy policy, List<Map<String, Object>> matches) {
    Callers callers = new Callers();
    boolean anyIdentity = false;
    boolean certified = false;
    List<Fields> refs = policy.spec.maps("requiredAuthenticationRefs");
    if (!policy.spec.has("requiredAuthenticationRefs")
        || policy.spec.lost("requiredAuthenticationRefs", refs.size())) {
      report.wrong(
          policy.spec.at(),
          policy.spec.path().field("requiredAuthenticationRefs"),
          "is required, a list; nobody is let in by this policy");
      return Optional.empty();
    }
    for (Fields ref : refs) {
      Optional<Named> named = authentications.of(ref, policy.name.namespace());
      if (named.isEmpty()) {
        report.wrong(
            ref.at(),
            ref.path(),
            "is not among the files, so that nobody is let in by this policy");
        return Optional.empty();
      }
      certified |= named.get().wantsCertificate();
      if (named.get().anyIdentity()) {
        anyIdentity = true;
      } else {
        callers.require(named.get().callers());
      }
    }
    if (callers.none()) {
      report.wrong(
          policy.spec.at(),
          policy.spec.path().field("requiredAuthenticationRefs"),
          "is left out: there is nobody who is all that it asks for");
      return Optional.empty();
    }
    boolean any = anyIdentity && callers.from().stream().noneMatch(Authorizations::isCertified);
    return Optional.of(
        new Grant(
            policy.name, KIND + policy.name, policy.spec, callers.from(), any, certified, matches));
  }

  /** Whether an entry of {@code from} is one of certificates already. */
  private static boolean isCertified(Map<String, Object> caller) {
    return caller.keySet().stream().anyMatch(field -> !field.equals("ipBlocks"));
  }

  private void write(Server server, List<Grant> written) {
    List<Grant> grants = new ArrayList<>(written);
    switch (server.access()) {
      case EVERYBODY -> {
        for (Grant grant : grants) {
          report.about(grant.resource);
          report.note(
              grant.written.at(),
              grant.written.path(),
              "is left out for Server %s, which lets everybody in".formatted(server.name()));
        }
        return;
      }
      case CLUSTER_NETWORKS -> grants.add(ofNetworks(server, false));
      case ANY_IDENTITY ->
          grants.add(
              new Grant(
                  server.name(),
                  SERVER + server.name(),
                  server.spec(),
                  List.of(),
                  true,
                  true,
                  ofServer(server)));
      case ANY_IDENTITY_OF_CLUSTER_NETWORKS -> grants.add(ofNetworks(server, true));
      case DENY, AUDIT -> {}
    }
    grants.removeIf(grant -> !takesAnything(server));
    boolean strict = strict(server, grants);
    Map<ObjectName, List<Map<String, Object>>> rules = new LinkedHashMap<>();
    for (Grant grant : grants) {
      if (grant.anyIdentity && !strict) {
        report.about(grant.resource);
        report.without(
            grant.written.at(),
            grant.written.path(),
            "whoever has a certificate is let in where all must have one, and Server %s lets others in"
                    .formatted(server.name())
                + " too; whom it lets in is refused");
      } else {
        rules
            .computeIfAbsent(grant.policy, key -> new ArrayList<>())
            .addAll(AccessPolicy.rules(grant.from, Map.of(), grant.matches));
      }
    }
    if (rules.isEmpty()) {
      rules.put(server.name(), List.of());
    }
    rules.forEach((policy, some) ->
        new AccessPolicy(
                new ObjectName(server.name().namespace(), policy.name()),
                server.refs(),
                "Allow",
                false,
                server.access() == Access.AUDIT,
                Optional.empty(),
                some)
            .write(output));
  }

  private Grant ofNetworks(Server server, boolean anyIdentity) {
    report.note(
        server.spec().at(),
        server.spec().path().field("accessPolicy"),
        "lets in the networks that Linkerd has by default; write those that its clusterNetworks has");
    Callers callers = new Callers();
    callers.require(CLUSTER_NETWORKS);
    return new Grant(
        server.name(),
        SERVER + server.name(),
        server.spec(),
        callers.from(),
        anyIdentity,
        anyIdentity,
        ofServer(server));
  }

  /** Whether nobody comes in without a certificate; where that has to hold, it is written. */
  private boolean strict(Server server, List<Grant> grants) {
    boolean wanted = grants.stream().anyMatch(Grant::anyIdentity);
    boolean strict =
        wanted && server.access() != Access.AUDIT && grants.stream().allMatch(Grant::certified);
    if (strict) {
      output.policy(
          "AuthenticationPolicy",
          server.name(),
          server.refs(),
          Output.fields("mtls", Output.fields("mode", "Strict")));
    }
    return strict;
  }
}
