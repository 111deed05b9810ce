package dev.weir.control.cli;

import dev.weir.cli.Table;
import dev.weir.control.cluster.Connection;
import dev.weir.control.cluster.Connection.TypeState;
import dev.weir.control.cluster.Membership;
import dev.weir.control.cluster.MeshStatus;
import dev.weir.control.cluster.MeshStatus.ControlPlane;
import dev.weir.control.cluster.MeshStatus.Sidecar;
import dev.weir.control.cluster.WeirPod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A mesh's status as it is printed. */
final class StatusReport {
  private StatusReport() {}

  /** A table, and below it why what is out of step is, and whose sidecar is missing or old. */
  static List<String> lines(MeshStatus status, Membership members, Optional<String> namespace) {
    List<String> lines = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("CONTROL PLANE", "VERSION", "STATE", "PROXIES"));
    status
        .controlPlanes()
        .forEach(one ->
            rows.add(
                List.of(
                    one.pod().name().name(),
                    one.pod().version(),
                    state(one),
                    one.silence().isEmpty() ? String.valueOf(one.proxies()) : "?")));
    lines.addAll(Table.lines(rows));
    status.controlPlanes().forEach(one -> one.silence().ifPresent(why -> lines.add("  " + why)));
    lines.add("");
    if (status.sidecars().isEmpty()) {
      lines.add(
          namespace
              .map(one ->
                  "no pod of namespace %s has a sidecar; kubectl label namespace %s weir.dev/inject=enabled, and restart its pods"
                      .formatted(one, one))
              .orElse(
                  "no pod has a sidecar; kubectl label namespace NAME weir.dev/inject=enabled, and"
                      + " restart its pods"));
      lines.addAll(MembershipReport.lines(members));
      return lines;
    }
    rows.clear();
    rows.add(List.of("POD", "SERVICE", "SIDECAR", "CONFIG", "VERSION", "CONTROL PLANE"));
    status.sidecars().forEach(one -> rows.add(row(one)));
    lines.addAll(Table.lines(rows));
    status.sidecars().forEach(one -> lines.addAll(reasons(one)));
    lines.addAll(MembershipReport.lines(members));
    return lines;
  }

  private static String state(ControlPlane one) {
    return one.silence().isPresent()
        ? "does not answer"
        : one.pod().ready() ? "ready" : "not ready";
  }

  private static List<String> row(Sidecar one) {
    return List.of(
        one.name(),
        one.connection().map(Connection::service).map(StatusReport::service).orElse("?"),
        one.pod().map(StatusReport::sidecar).orElse("in no pod"),
        config(one),
        one.connection().map(Connection::version).orElse(""),
        one.connection().map(Connection::controlPlane).orElse(""));
  }

  /** Of a pod that no Service selects there is none. */
  private static String service(String name) {
    return name.endsWith(".serviceaccount") ? "" : name;
  }

  private static String sidecar(WeirPod pod) {
    return pod.version() + (pod.ready() ? ", live" : ", not ready");
  }

  private static String config(Sidecar one) {
    if (one.connection().isEmpty()) {
      return "not connected";
    }
    Connection connection = one.connection().get();
    if (connection.inSync()) {
      return "in sync";
    }
    List<String> states = new ArrayList<>();
    connection
        .types()
        .forEach((type, state) -> {
          if (!state.inForce()) {
            states.add(type + " " + state.state());
          }
        });
    return states.isEmpty() ? "nothing asked for yet" : String.join("; ", states);
  }

  /** Of each refusal what is refused and why, and what people wrote that it follows from. */
  private static List<String> reasons(Sidecar one) {
    List<String> lines = new ArrayList<>();
    if (one.connection().isEmpty()) {
      // As of one that nothing is redirected to, which waits until it is.
      one.pod()
          .filter(pod -> !pod.ready())
          .ifPresent(pod ->
              lines.add(
                  "%s is not ready; kubectl -n %s logs %s -c weir-sidecar says why"
                      .formatted(one.name(), pod.name().namespace(), pod.name().name())));
    }
    one.connection()
        .ifPresent(connection -> {
          for (Map.Entry<String, TypeState> type : connection.types().entrySet()) {
            TypeState state = type.getValue();
            if (!state.refusal().isEmpty()) {
              lines.add(
                  "%s refused %s at %s: %s"
                      .formatted(one.name(), type.getKey(), state.since(), state.refusal()));
              if (!state.followsFrom().isEmpty()) {
                lines.add("  follows from " + String.join(", ", state.followsFrom()));
              }
            }
          }
          connection
              .notEnforced()
              .forEach(what -> lines.add(one.name() + " does not enforce " + what));
        });
    return lines;
  }

  /** For programs. */
  static Map<String, Object> fields(MeshStatus status, Membership members) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("well", status.well() && members.well());
    fields.put("controlPlanes", status.controlPlanes().stream().map(StatusReport::fields).toList());
    fields.put("sidecars", status.sidecars().stream().map(StatusReport::fields).toList());
    MembershipReport.put(members, fields);
    return fields;
  }

  private static Map<String, Object> fields(ControlPlane one) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("pod", one.pod().name().toString());
    fields.put("version", one.pod().version());
    fields.put("ready", one.pod().ready());
    fields.put("answers", one.silence().isEmpty());
    one.silence().ifPresent(why -> fields.put("error", why));
    fields.put("proxies", one.proxies());
    return fields;
  }

  private static Map<String, Object> fields(Sidecar one) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(one.pod().isPresent() ? "pod" : "node", one.name());
    one.pod()
        .ifPresent(pod -> {
          fields.put("sidecarVersion", pod.version());
          fields.put("ready", pod.ready());
        });
    fields.put("connected", one.connection().isPresent());
    fields.put("inSync", one.connection().map(Connection::inSync).orElse(false));
    one.connection()
        .ifPresent(connection -> {
          fields.put("service", service(connection.service()));
          fields.put("controlPlane", connection.controlPlane());
          fields.put("version", connection.version());
          Map<String, Object> types = new LinkedHashMap<>();
          connection.types().forEach((type, state) -> types.put(type, fields(state)));
          fields.put("types", types);
          fields.put("notEnforced", connection.notEnforced());
        });
    return fields;
  }

  private static Map<String, Object> fields(TypeState state) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("state", state.state());
    fields.put("target", state.target());
    fields.put("acked", state.acked());
    if (!state.refusal().isEmpty()) {
      fields.put("refusal", state.refusal());
      fields.put("since", state.since());
      fields.put("followsFrom", state.followsFrom());
    }
    return fields;
  }
}
