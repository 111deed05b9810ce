package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.config.cluster.Cluster.Discovery;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.cluster.DnsDiscovery;
import dev.weir.sidecar.log.Log;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tells the operator, in one line, that the control plane is away, where it should be, and what is
 * in force without it. Said once, and again when it is something else. Control thread, but for
 * {@link #outages}.
 */
final class Reachability {
  private static final int OK = 0;
  private static final int UNAVAILABLE = 14;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

  private final String where;
  private final Log log;
  private String inForce = "nothing that it should send is in force";
  private String said = "";
  private final Outages outages = new Outages(InstantSource.system());

  Reachability(Bootstrap bootstrap, String cluster, Log log) {
    this.where = where(bootstrap, cluster);
    this.log = log;
  }

  /** The addresses in the bootstrap; without any, the cluster's name. */
  private static String where(Bootstrap bootstrap, String name) {
    String addresses =
        bootstrap.clusters().stream()
            .filter(cluster -> cluster.name().equals(name))
            .flatMap(cluster -> where(cluster.discovery()))
            .collect(Collectors.joining(", "));
    return addresses.isEmpty() ? "cluster " + name : addresses;
  }

  private static Stream<String> where(Discovery discovery) {
    return switch (discovery) {
      case Discovery.Static(ClusterLoadAssignment assignment) ->
          assignment.endpoints().stream().map(endpoint -> endpoint.address().toString());
      case DnsDiscovery dns -> dns.names().stream().map(DnsDiscovery.Name::toString);
      case Discovery.Eds _, Discovery.OriginalDst _ -> Stream.empty();
    };
  }

  /** What was in force before this start is again. */
  void restored(Optional<Instant> writtenAt) {
    inForce =
        "the last good configuration%s is in force"
            .formatted(writtenAt.map(time -> " (of " + TIME.format(time) + ")").orElse(""));
  }

  /** When it was away; while it may yet answer it is not. */
  Outages outages() {
    return outages;
  }

  void answered() {
    outages.over();
    inForce = "what it sent last stays in force";
    if (!said.isEmpty()) {
      said = "";
      log.info("xds: the control plane at " + where + " answers");
    }
  }

  void silent() {
    if (said.isEmpty()) {
      say("does not answer");
    }
  }

  void failed(String reason) {
    say("cannot be asked (%s)".formatted(reason));
  }

  void ended(int status, String message) {
    String what = status == UNAVAILABLE ? "cannot be reached" : "ended the stream";
    say(status == OK ? what : "%s (gRPC status %d: %s)".formatted(what, status, message));
  }

  private void say(String what) {
    String why = "the control plane at %s %s".formatted(where, what);
    outages.away(why);
    String line = "xds: %s; %s; trying until it answers".formatted(why, inForce);
    if (!line.equals(said)) {
      said = line;
      log.accept(line);
    }
  }
}
