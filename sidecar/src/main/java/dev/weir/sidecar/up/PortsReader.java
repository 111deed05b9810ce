package dev.weir.sidecar.up;

import dev.weir.protos.FieldPath;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.sidecar.run.PublishedPort;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code ports} of services, in compose's short form and its long one. */
final class PortsReader {
  private static final List<String> KEYS =
      List.of("target", "published", "host_ip", "protocol", "mode", "name", "app_protocol");
  private static final String TCP = "/tcp";
  private static final String UDP = "/udp";

  private final ProjectNodes nodes;
  private final List<Published> all = new ArrayList<>();

  PortsReader(ProjectNodes nodes) {
    this.nodes = nodes;
  }

  /** A port, where it is written. */
  private record Published(PublishedPort port, YamlNode node, FieldPath path) {
    /** No two programs listen at the same port of one address, or of all. */
    boolean excludes(Published other) {
      InetSocketAddress here = port.listen();
      InetSocketAddress there = other.port.listen();
      return here.getPort() == there.getPort()
          && (here.getAddress().equals(there.getAddress())
              || here.getAddress().isAnyLocalAddress()
              || there.getAddress().isAnyLocalAddress());
    }
  }

  /**
   * @param replicas of the service: each listens
   */
  List<PublishedPort> read(YamlNode node, FieldPath path, int replicas) {
    List<PublishedPort> ports = new ArrayList<>();
    List<YamlNode> items = nodes.items(node, path);
    for (int index = 0; index < items.size(); index++) {
      YamlNode item = items.get(index);
      FieldPath at = path.index(index);
      PublishedPort port =
          item instanceof YamlNode.Mapping mapping
              ? longForm(mapping, at)
              : nodes.parsed(item, at, PortsReader::shortForm);
      if (port != null) {
        ports.add(port);
        if (replicas > 0) {
          check(new Published(port, item, at), replicas);
        }
      }
    }
    return ports;
  }

  private void check(Published port, int replicas) {
    if (replicas > 1) {
      nodes.wrong(
          port.node().at(),
          port.path(),
          "each of "
              + replicas
              + " replicas would listen there, and one can; leave it out, or say deploy.replicas:"
              + " 1");
    }
    all.stream()
        .filter(port::excludes)
        .findFirst()
        .ifPresent(other ->
            nodes.wrong(
                port.node().at(),
                port.path(),
                "is listened at already: " + other.path() + "; choose another port"));
    all.add(port);
  }

  private static PublishedPort shortForm(String text) {
    if (text.endsWith(UDP)) {
      throw new IllegalArgumentException("\"" + text + "\" is UDP, and what is published is TCP");
    }
    return PublishedPort.parse(
        text.endsWith(TCP) ? text.substring(0, text.length() - TCP.length()) : text);
  }

  /** What of it is said of a port within compose's own networks has nothing to say here. */
  private @Nullable PublishedPort longForm(YamlNode.Mapping port, FieldPath path) {
    Map<String, String> fields = new LinkedHashMap<>();
    int problems = nodes.problems().size();
    for (YamlNode.Entry entry : port.entries()) {
      FieldPath field = path.field(entry.key());
      String text = KEYS.contains(entry.key()) ? nodes.text(entry.value(), field) : null;
      if (text != null) {
        fields.put(entry.key(), text);
      } else if (!KEYS.contains(entry.key())) {
        nodes.unknown(entry, field, KEYS);
      }
    }
    for (String key : List.of("target", "published")) {
      if (port.get(key).isEmpty()) {
        nodes.wrong(port.at(), path.field(key), "is missing: a port, from 1 to 65535");
      }
    }
    if (!fields.getOrDefault("protocol", "tcp").equals("tcp")) {
      nodes.wrong(port.at(), path.field("protocol"), "must be tcp: nothing else is published");
    }
    if (nodes.problems().size() > problems) {
      return null;
    }
    String address = fields.getOrDefault("host_ip", "");
    String bracketed = address.contains(":") ? "[" + address + "]" : address;
    String text = fields.get("published") + ":" + fields.get("target");
    try {
      return PublishedPort.parse(address.isEmpty() ? text : bracketed + ":" + text);
    } catch (IllegalArgumentException e) {
      nodes.wrong(port.at(), path, String.valueOf(e.getMessage()));
      return null;
    }
  }
}
