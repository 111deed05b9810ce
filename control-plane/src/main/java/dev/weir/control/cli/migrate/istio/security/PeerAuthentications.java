package dev.weir.control.cli.migrate.istio.security;

import dev.weir.control.cli.migrate.istio.security.PolicyTargets.Level;
import dev.weir.control.cli.migrate.istio.security.PolicyTargets.Some;
import dev.weir.control.cli.migrate.istio.security.PolicyTargets.Target;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Istio's PeerAuthentication: an AuthenticationPolicy with {@code mtls}, and one for each port that
 * is otherwise. Of two for the same the older holds, as there.
 */
public final class PeerAuthentications {
  private static final String KIND = "AuthenticationPolicy";
  private static final Map<String, String> MODES =
      Map.of("STRICT", "Strict", "PERMISSIVE", "Permissive", "DISABLE", "Disabled");
  private static final String STRICT = "Strict";

  /**
   * One that was read.
   *
   * @param created empty: it is the youngest
   */
  private record Written(ObjectName name, String created, Fields spec) {}

  private final PolicyTargets targets;
  private final Services services;
  private final Report report;
  private final Output output;
  private final List<Written> written = new ArrayList<>();

  /** What holds, by the words of what it is for. */
  private final Map<String, String> modes = new HashMap<>();

  /** Services of which a port is otherwise. */
  private final Map<ObjectName, List<String>> ofPorts = new HashMap<>();

  public PeerAuthentications(IstioMesh mesh, Services services, Report report, Output output) {
    this.targets = new PolicyTargets(mesh, services, report);
    this.services = services;
    this.report = report;
    this.output = output;
  }

  public void add(ObjectName name, Fields metadata, Fields spec) {
    written.add(new Written(name, metadata.text("creationTimestamp").orElse("~"), spec));
  }

  /** All that were added, once. */
  public void translate() {
    written.stream()
        .sorted(Comparator.comparing(Written::created))
        .forEach(one -> {
          report.about("PeerAuthentication " + one.name);
          translate(one);
          one.spec.reportUnread();
        });
  }

  private void translate(Written one) {
    Optional<Fields> mtls = one.spec.map("mtls");
    Optional<String> mode = mtls.flatMap(each -> mode(each, one.spec));
    boolean strict = mode.filter(STRICT::equals).isPresent();
    List<Target> found = targets.of(one.name, one.spec, strict ? Some.INCLUDED : Some.LEFT_OUT);
    mode.ifPresent(word -> found.forEach(target -> whole(one, target, word)));
    Map<String, Fields> ports = one.spec.table("portLevelMtls");
    if (!ports.isEmpty() && found.stream().anyMatch(each -> each.level() != Level.SERVICE)) {
      ports.values().forEach(port -> port.ignore("mode"));
      one.spec.without("portLevelMtls", "Istio does not take it from a policy without a selector");
    } else {
      ports.forEach((port, fields) ->
          mode(fields, one.spec).ifPresent(word -> port(one, port, fields, word)));
    }
  }

  /** Empty: that of a wider policy. */
  private Optional<String> mode(Fields mtls, Fields spec) {
    String written = mtls.text("mode").orElse("UNSET");
    if (!written.equals("UNSET") && !MODES.containsKey(written)) {
      report.without(spec.at(), mtls.path().field("mode"), "there is no mode \"" + written + "\"");
    }
    return Optional.ofNullable(MODES.get(written));
  }

  private void whole(Written one, Target target, String mode) {
    List<Map<String, Object>> free = new ArrayList<>();
    for (Map<String, Object> ref : target.refs()) {
      if (modes.putIfAbsent(key(target.namespace(), ref), mode) == null) {
        free.add(ref);
      } else {
        taken(one, ref, "mtls");
      }
    }
    output.policy(KIND, target.policy(one.name), free, mtls(free, mode));
  }

  private static Map<String, Object> mtls(List<Map<String, Object>> refs, String mode) {
    return refs.isEmpty() ? Map.of() : Output.fields("mtls", Output.fields("mode", mode));
  }

  private static String key(String namespace, Map<String, Object> ref) {
    return namespace + " " + ref;
  }

  private void taken(Written one, Map<String, Object> ref, String field) {
    report.wrong(
        one.spec.at(),
        one.spec.path().field(field),
        "is left out for %s %s: an older PeerAuthentication, or one before it, is for the same"
            .formatted(ref.get("kind"), ref.get("name")));
  }

  private void port(Written one, String number, Fields fields, String mode) {
    Some some = mode.equals(STRICT) ? Some.INCLUDED : Some.LEFT_OUT;
    Map<String, List<Map<String, Object>>> refs = new LinkedHashMap<>();
    for (Target target : targets.of(one.name, one.spec, some)) {
      for (ObjectName service : target.services()) {
        Optional<Services.Port> port =
            number.matches("[0-9]{1,5}")
                ? services.leadingTo(service, Integer.parseInt(number))
                : Optional.empty();
        if (port.isEmpty() || port.get().name().isEmpty()) {
          report.without(
              fields.at(),
              fields.path(),
              port.isEmpty()
                  ? "no port of Service %s is known to lead to it".formatted(service)
                  : "a policy is for a port by its name; give port %d of Service %s one"
                      .formatted(port.get().number(), service));
          continue;
        }
        Map<String, Object> ref = Output.service(service.name(), port.get().name());
        if (modes.putIfAbsent(key(target.namespace(), ref), mode) == null) {
          ofPorts.computeIfAbsent(service, key -> new ArrayList<>()).add(mode);
          refs.computeIfAbsent(target.namespace(), key -> new ArrayList<>()).add(ref);
        } else {
          taken(one, ref, "portLevelMtls");
        }
      }
    }
    refs.forEach((namespace, some16) ->
        output.policy(
            KIND,
            new ObjectName(namespace, one.name.name() + "-" + number),
            some16,
            mtls(some16, mode)));
  }

  /** Whether each caller of what a policy is for has a certificate. */
  boolean strict(Target target) {
    boolean rest =
        switch (target.level()) {
          case MESH -> ofMesh().equals(STRICT) && modes.values().stream().allMatch(STRICT::equals);
          case NAMESPACE -> ofNamespace(target.namespace()).equals(STRICT);
          case SERVICE -> true;
        };
    return rest && target.services().stream().allMatch(this::strict);
  }

  private boolean strict(ObjectName service) {
    String key = key(service.namespace(), Output.service(service.name()));
    return modes.getOrDefault(key, ofNamespace(service.namespace())).equals(STRICT)
        && ofPorts.getOrDefault(service, List.of()).stream().allMatch(STRICT::equals);
  }

  private String ofNamespace(String namespace) {
    return modes.getOrDefault(key(namespace, Output.namespace(namespace)), ofMesh());
  }

  private String ofMesh() {
    return modes.getOrDefault(key("weir-system", Output.mesh()), "");
  }
}
