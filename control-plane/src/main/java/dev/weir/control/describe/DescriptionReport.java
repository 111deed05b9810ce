package dev.weir.control.describe;

import dev.weir.cli.Table;
import dev.weir.control.describe.Description.OfPort;
import dev.weir.control.describe.Description.OfRule;
import dev.weir.control.describe.Description.Told;
import dev.weir.control.model.AuthenticationSpec.Mtls;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.schema.Shapes;
import dev.weir.control.policy.Holding;
import dev.weir.control.policy.Holding.Enforcer;
import dev.weir.control.source.reader.Finding;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A description as it is printed: for people in one screen, for programs in full. */
public final class DescriptionReport {
  private static final int MOST_VALUE = 90;
  private static final int MOST_INSTANCES = 20;

  private DescriptionReport() {}

  /** For people. */
  public static List<String> lines(Description description) {
    List<String> lines = new ArrayList<>();
    lines.add(description.place());
    lines.add("  mTLS: " + mtls(description));
    description.plainText().ifPresent(of -> lines.addAll(plainText(of)));
    lines.add("  instances: " + instances(description));
    List<List<String>> rows = new ArrayList<>();
    description.instances().stream().limit(MOST_INSTANCES).forEach(one -> rows.add(row(one)));
    Table.lines(rows).forEach(line -> lines.add("    " + line));
    int more = description.instances().size() - MOST_INSTANCES;
    if (more > 0) {
      lines.add("    and " + more + " more; -o yaml has all");
    }
    for (OfPort port : description.ports()) {
      lines.add("");
      lines.add("port " + port(port.port()));
      lines.addAll(held(port.holdings(), "  "));
      if (port.holdings().isEmpty()) {
        lines.add("  no policy holds: calls pass as they are");
      }
      for (OfRule rule : port.rules()) {
        lines.add("  by " + rule.place() + ", " + rule.rule());
        lines.add("    " + String.join(" or ", rule.matches()) + " -> " + rule.leadsTo());
        lines.addAll(held(rule.holdings(), "    "));
      }
    }
    if (!description.telling().isEmpty()) {
      lines.add("");
      lines.add("telemetry");
      lines.addAll(held(description.telling(), "  "));
    }
    if (!description.routesFrom().isEmpty()) {
      lines.add("");
      lines.add("routes of other services lead here");
      description.routesFrom().forEach(one -> lines.add("  " + one));
    }
    if (!description.findings().isEmpty()) {
      lines.add("");
      lines.add("wrong, or without effect");
      description.findings().forEach(one -> lines.add("  " + one));
    }
    return lines;
  }

  private static String mtls(Description description) {
    Service service = description.service();
    if (service.external().isPresent()) {
      return "none: it leads out of the mesh, to " + service.external().get().name();
    }
    List<Mtls.Mode> modes = description.ports().stream().map(OfPort::mtls).distinct().toList();
    if (modes.size() != 1) {
      return String.join(
          ", ",
          description.ports().stream()
              .map(port -> port.port().port() + " " + Shapes.word(port.mtls()))
              .toList());
    }
    return switch (modes.getFirst()) {
      case STRICT -> "Strict: plain text is refused";
      case PERMISSIVE -> "Permissive: plain text is taken too, from callers without a sidecar";
      case DISABLED -> "Disabled: plain text alone";
    };
  }

  private static List<String> plainText(PlainText of) {
    List<String> lines = new ArrayList<>();
    if (!of.callers().isEmpty()) {
      lines.add("    Strict would refuse the calls of " + of.callers());
    }
    if (of.calls().isEmpty() && of.silent().isEmpty()) {
      lines.add("    nobody has called in plain text since its sidecars began");
    }
    List<List<String>> rows =
        of.calls().stream()
            .map(call ->
                List.of(
                    call.instance() + " was called in plain text",
                    "port " + call.port(),
                    "from " + call.from().orElse("others"),
                    call.connections() + (call.connections() == 1 ? " time" : " times"),
                    "last at " + call.last().truncatedTo(ChronoUnit.SECONDS)))
            .toList();
    Table.lines(rows).forEach(line -> lines.add("    " + line));
    of.silent()
        .forEach(
            (instance, why) -> lines.add("    " + instance + " does not say who calls: " + why));
    return lines;
  }

  private static String instances(Description description) {
    int all = description.instances().size();
    if (description.service().external().isPresent()) {
      return "of no mesh; what callers' sidecars enforce holds";
    }
    if (all == 0) {
      return description.service().selector().isEmpty()
          ? "none is named; members of weir run and weir up are told by weir status"
          : "none: nothing that is known here has the labels of its selector";
    }
    long without = all - description.withSidecar();
    long ready = description.instances().stream().filter(one -> one.ready().orElse(true)).count();
    return "%d of %d ready%s"
        .formatted(
            ready,
            all,
            without == 0
                ? ", each with a sidecar"
                : "; %d of %d without a sidecar: what its own sidecars enforce does not hold there"
                    .formatted(without, all));
  }

  private static List<String> row(Instance one) {
    return List.of(
        one.name(),
        one.address(),
        one.sidecar() ? "sidecar" : "no sidecar",
        one.ready().map(ready -> ready ? "ready" : "not ready").orElse(""),
        one.account().isEmpty() ? "" : "account " + one.account());
  }

  private static String port(Port port) {
    return port.port()
        + (port.name().isEmpty() ? "" : " (" + port.name() + ")")
        + ", "
        + port.protocol()
        + ", to its instances' "
        + port.targetPort();
  }

  private static List<String> held(List<Told> holdings, String margin) {
    List<List<String>> rows = new ArrayList<>();
    for (Told told : holdings) {
      Holding holding = told.holding();
      rows.add(
          List.of(
              holding.section() + (holding.shadow() ? " (Shadow)" : ""),
              by(holding.enforcer()),
              told.place() + " on " + holding.target(),
              value(Written.of(holding.value()))));
    }
    return Table.lines(rows).stream().map(line -> margin + line).toList();
  }

  private static String by(Enforcer enforcer) {
    return switch (enforcer) {
      case OWN_SIDECARS -> "its own sidecars";
      case CALLERS_SIDECARS -> "callers' sidecars";
    };
  }

  private static String value(Object written) {
    String text = Written.line(written);
    if (text.isEmpty()) {
      return "all of it by default";
    }
    return text.length() <= MOST_VALUE ? text : text.substring(0, MOST_VALUE) + "...";
  }

  /** For programs. */
  public static Map<String, Object> fields(Description description) {
    Service service = description.service();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("namespace", service.name().namespace());
    fields.put("name", service.name().name());
    fields.put("place", description.place());
    service.clusterIp().ifPresent(ip -> fields.put("clusterIP", ip));
    service.external().ifPresent(leads -> fields.put("externalName", leads.name()));
    fields.put(
        "instances", description.instances().stream().map(DescriptionReport::fields).toList());
    fields.put("ports", description.ports().stream().map(DescriptionReport::fields).toList());
    fields.put("telemetry", description.telling().stream().map(DescriptionReport::fields).toList());
    fields.put("routesOfOthers", description.routesFrom());
    description.plainText().ifPresent(of -> fields.put("plainText", fields(of)));
    fields.put("findings", description.findings().stream().map(Finding::fields).toList());
    return fields;
  }

  private static Map<String, Object> fields(PlainText of) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("strictWouldRefuse", of.callers());
    fields.put(
        "calls",
        of.calls().stream()
            .map(call -> {
              Map<String, Object> one = new LinkedHashMap<>();
              one.put("pod", call.instance());
              one.put("port", call.port());
              call.from().ifPresent(from -> one.put("from", from));
              one.put("connections", call.connections());
              one.put("last", call.last().toString());
              return one;
            })
            .toList());
    fields.put("notTold", of.silent());
    return fields;
  }

  private static Map<String, Object> fields(Instance one) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (!one.name().isEmpty()) {
      fields.put("pod", one.name());
    }
    fields.put("address", one.address());
    fields.put("sidecar", one.sidecar());
    one.ready().ifPresent(ready -> fields.put("ready", ready));
    if (!one.account().isEmpty()) {
      fields.put("serviceAccount", one.account());
    }
    return fields;
  }

  private static Map<String, Object> fields(OfPort port) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("port", port.port().port());
    fields.put("name", port.port().name());
    fields.put("targetPort", port.port().targetPort());
    fields.put("protocol", port.port().protocol().name());
    fields.put("mtls", Shapes.word(port.mtls()));
    fields.put("policies", port.holdings().stream().map(DescriptionReport::fields).toList());
    fields.put("routes", port.rules().stream().map(DescriptionReport::fields).toList());
    return fields;
  }

  private static Map<String, Object> fields(OfRule rule) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("place", rule.place());
    fields.put("rule", rule.rule());
    fields.put("matches", rule.matches());
    fields.put("leadsTo", rule.leadsTo());
    fields.put("policies", rule.holdings().stream().map(DescriptionReport::fields).toList());
    return fields;
  }

  private static Map<String, Object> fields(Told told) {
    Holding holding = told.holding();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("section", holding.section());
    fields.put("enforcedBy", holding.enforcer() == Enforcer.OWN_SIDECARS ? "own" : "callers");
    fields.put("shadow", holding.shadow());
    fields.put("resource", holding.resource());
    fields.put("place", told.place());
    fields.put("target", holding.target());
    fields.put("value", Written.of(holding.value()));
    return fields;
  }
}
