package dev.weir.sidecar.member.names;

import dev.weir.sidecar.intercept.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Calls to ports that services have not: they are refused at once, and said once each. The kernel
 * does it, before they are redirected to the sidecar; it keeps where they went. One thread.
 */
public final class PortGuard {
  /** The sidecar's own connections. */
  private static final int MARK = 1337;

  /** More are refused, and not said. */
  private static final int MOST = 256;

  private static final String TABLE = "inet weir_ports";
  private static final Pattern REFUSED = Pattern.compile("([0-9]+(?:\\.[0-9]+){3}) \\. ([0-9]+)");

  private final Path statistics;
  private final Consumer<String> say;
  private final Set<String> said = new HashSet<>();
  private List<Service> services = List.of();
  private String failed = "";

  /**
   * @param statistics /proc/net/snmp
   * @param say takes a line for people
   */
  public PortGuard(Path statistics, Consumer<String> say) {
    this.statistics = statistics;
    this.say = say;
  }

  /** What holds from now on; answers what is wrong. */
  Optional<String> apply(List<Service> services) throws IOException, InterruptedException {
    know(services);
    return Tables.apply(script(services));
  }

  void know(List<Service> services) {
    this.services = List.copyOf(services);
    said.clear();
  }

  static String script(List<Service> services) {
    StringBuilder script = new StringBuilder();
    script.append("table ").append(TABLE).append("\ndelete table ").append(TABLE).append('\n');
    script.append("table ").append(TABLE).append(" {\n");
    script
        .append("  set refused { type ipv4_addr . inet_service; size ")
        .append(MOST)
        .append("; flags dynamic; }\n")
        .append("  chain output {\n    type filter hook output priority -150; policy accept;\n")
        .append("    meta mark ")
        .append(MARK)
        .append(" return\n");
    for (Service service : services) {
      String to = "    ip daddr " + service.address() + " meta l4proto tcp ";
      if (!service.ports().isEmpty()) {
        script.append(to).append("tcp dport { ").append(numbers(service)).append(" } return\n");
      }
      script.append(to).append("add @refused { ip daddr . tcp dport }\n");
      script.append(to).append("reject with tcp reset\n");
    }
    return script.append("  }\n}\n").toString();
  }

  private static String numbers(Service service) {
    return service.ports().stream()
        .map(port -> Integer.toString(port.number()))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /** Says what was refused since the last look; looks only if a connection has failed. */
  void look() throws IOException, InterruptedException {
    String now = failedConnections();
    if (now.equals(failed)) {
      return;
    }
    failed = now;
    report(Tables.list("set " + TABLE + " refused"));
  }

  /** The kernel's count, as it stands there. */
  private String failedConnections() throws IOException {
    List<String> lines =
        Files.readAllLines(statistics).stream().filter(line -> line.startsWith("Tcp:")).toList();
    List<String> names = List.of(lines.getFirst().split(" "));
    return lines.getLast().split(" ")[names.indexOf("AttemptFails")];
  }

  void report(String list) {
    Matcher refused = REFUSED.matcher(list);
    refused.results().filter(one -> said.add(one.group())).forEach(this::report);
  }

  private void report(MatchResult refused) {
    for (Service service : services) {
      if (service.address().equals(refused.group(1))) {
        say.accept(
            service.fullName()
                + " has no port "
                + refused.group(2)
                + (service.ports().isEmpty() ? ", nor any other" : "; it has " + numbers(service))
                + ": the call is refused");
      }
    }
  }
}
