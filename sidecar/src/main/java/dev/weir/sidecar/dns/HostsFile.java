package dev.weir.sidecar.dns;

import dev.weir.sidecar.config.cluster.DnsDiscovery.Family;
import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code /etc/hosts}, read anew when it has changed. Control thread. */
final class HostsFile {
  static final Path SYSTEM = Path.of("/etc/hosts");

  private final Path file;
  private long readAt = Long.MIN_VALUE;
  private Map<String, List<InetAddress>> v4ByName = Map.of();
  private Map<String, List<InetAddress>> v6ByName = Map.of();

  HostsFile(Path file) {
    this.file = file;
  }

  /**
   * Empty for a name that is not there. One that is there is asked of nobody, though it have no
   * address of the family.
   */
  Optional<Answer> lookUp(String name, Family family) {
    readIfChanged();
    String key =
        (name.endsWith(".") ? name.substring(0, name.length() - 1) : name).toLowerCase(Locale.ROOT);
    List<InetAddress> v4 = v4ByName.getOrDefault(key, List.of());
    List<InetAddress> v6 = v6ByName.getOrDefault(key, List.of());
    if (v4.isEmpty() && v6.isEmpty()) {
      return Optional.empty();
    }
    List<InetAddress> chosen =
        switch (family) {
          case V4_ONLY -> v4;
          case V6_ONLY -> v6;
          case AUTO -> v6.isEmpty() ? v4 : v6;
          case V4_PREFERRED -> v4.isEmpty() ? v6 : v4;
          case ALL -> {
            List<InetAddress> both = new ArrayList<>(v4);
            both.addAll(v6);
            yield both;
          }
        };
    return Optional.of(
        new Answer.Found(chosen.stream().map(NetUtil::toAddressString).toList(), Duration.ZERO));
  }

  private void readIfChanged() {
    try {
      long changedAt = Files.getLastModifiedTime(file).toMillis();
      if (changedAt != readAt) {
        HostsFileEntriesProvider entries =
            HostsFileEntriesProvider.parser().parse(file.toFile(), StandardCharsets.ISO_8859_1);
        v4ByName = entries.ipv4Entries();
        v6ByName = entries.ipv6Entries();
        readAt = changedAt;
      }
    } catch (IOException e) {
      v4ByName = Map.of(); // who has no such file knows no names by it
      v6ByName = Map.of();
      readAt = Long.MIN_VALUE;
    }
  }
}
