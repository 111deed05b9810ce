package dev.weir.sidecar.intercept;

import dev.weir.cli.network.Cidr;
import dev.weir.cli.network.PortRange;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules as a script for {@code nft -f}, which puts all of it in force or nothing. Each script
 * begins by removing what an earlier one left, so that to run one twice is to run it once.
 *
 * <p>The order of the rules is Istio's (tools/istio-iptables/pkg/capture/run.go), with a mark where
 * Istio tells the sidecar by its user: an unprivileged namespace has one user only. In a pod it is
 * the user, as there.
 */
final class RuleScript {
  static final String TABLE = "inet weir";

  /** The source address of the sidecar's connections to its own app's other ports. */
  private static final String INBOUND_SOURCE = "127.0.0.6";

  private RuleScript() {}

  /** Deleting needs it to be there, so it is made first. */
  static String remove() {
    return "table " + TABLE + "\ndelete table " + TABLE + "\n";
  }

  static String write(Redirect redirect) {
    StringBuilder script =
        new StringBuilder(remove()).append("table ").append(TABLE).append(" {\n");
    chain(script, "output", "type nat hook output priority -100", output(redirect));
    chain(script, "prerouting", "type nat hook prerouting priority dstnat", prerouting(redirect));
    chain(script, "input", "type filter hook input priority filter", input(redirect));
    return script.append("}\n").toString();
  }

  /** Connections that begin here. */
  private static List<String> output(Redirect redirect) {
    List<String> rules = only(redirect);
    Redirect.Ports ports = redirect.ports();
    String own =
        switch (redirect.own()) {
          case Redirect.Mark(long number) -> "meta mark " + number;
          case Redirect.User(long id) -> "meta skuid " + id;
        };
    rules.add("ip saddr " + INBOUND_SOURCE + " return");
    // A service's instance may call its own service: the call goes in like anyone's.
    rules.add(
        own
            + " oifname \"lo\" ip daddr != 127.0.0.0/8 meta l4proto tcp redirect to :"
            + ports.inbound());
    rules.add(
        own + " oifname \"lo\" ip6 daddr != ::1 meta l4proto tcp redirect to :" + ports.inbound());
    rules.add(own + " return");
    rules.add("ip daddr 127.0.0.0/8 return");
    rules.add("ip6 daddr ::1 return");
    exclusions(rules, redirect.outbound(), "daddr");
    rules.add("meta l4proto tcp redirect to :" + ports.outbound());
    return rules;
  }

  /** Connections that come from elsewhere. */
  private static List<String> prerouting(Redirect redirect) {
    List<String> rules = only(redirect);
    rules.add("iifname \"lo\" return");
    rules.add("tcp dport " + redirect.ports().admin() + " return");
    exclusions(rules, redirect.inbound(), "saddr");
    rules.add("meta l4proto tcp redirect to :" + redirect.ports().inbound());
    return rules;
  }

  /** Who calls the two listeners themselves would be sent in a circle. */
  private static List<String> input(Redirect redirect) {
    Redirect.Ports ports = redirect.ports();
    return List.of(
        "ct status dnat return",
        "ct direction reply return",
        "tcp dport { " + ports.outbound() + ", " + ports.inbound() + " } reject with tcp reset");
  }

  private static List<String> only(Redirect redirect) {
    List<String> rules = new ArrayList<>();
    rules.add("meta l4proto != tcp return");
    switch (redirect.family()) {
      case ipv4, ipv6 -> rules.add("meta nfproto != " + redirect.family() + " return");
      case dual -> {}
    }
    return rules;
  }

  private static void exclusions(List<String> rules, Redirect.Exclusions exclusions, String side) {
    for (PortRange ports : exclusions.ports()) {
      rules.add("tcp dport " + ports + " return");
    }
    for (Cidr range : exclusions.addresses()) {
      rules.add((range.ipv6() ? "ip6 " : "ip ") + side + " " + range + " return");
    }
  }

  private static void chain(StringBuilder script, String name, String hook, List<String> rules) {
    script.append("  chain ").append(name).append(" {\n");
    script.append("    ").append(hook).append("; policy accept;\n");
    rules.forEach(rule -> script.append("    ").append(rule).append('\n'));
    script.append("  }\n");
  }
}
