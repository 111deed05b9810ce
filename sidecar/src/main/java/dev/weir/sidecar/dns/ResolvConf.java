package dev.weir.sidecar.dns;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code /etc/resolv.conf} says, resolv.conf(5).
 *
 * @param servers those of {@code nameserver}; one on this machine if it names none
 * @param search domains to try a short name in
 * @param ndots dots that make a name worth to be tried as it is first
 */
record ResolvConf(List<InetSocketAddress> servers, List<String> search, int ndots) {
  static final Path SYSTEM = Path.of("/etc/resolv.conf");

  private static final int PORT = 53;
  private static final int MOST_NDOTS = 15;

  ResolvConf {
    servers = List.copyOf(servers);
    search = List.copyOf(search);
  }

  /** A file that is not there says nothing. */
  static ResolvConf read(Path file) {
    try {
      return parse(Files.readAllLines(file, java.nio.charset.StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return parse(List.of()); // as glibc does
    }
  }

  static ResolvConf parse(List<String> lines) {
    List<InetSocketAddress> servers = new ArrayList<>();
    List<String> search = List.of();
    int ndots = 1;
    for (String line : lines) {
      String[] words = line.strip().split("\\s+");
      if (words.length < 2 || words[0].startsWith("#") || words[0].startsWith(";")) {
        continue;
      }
      switch (words[0]) {
        case "nameserver" -> {
          String address = words[1].replaceFirst("%.*", "");
          if (NetUtil.createByteArrayFromIpAddressString(address) != null) {
            servers.add(NetworkNames.socketAddress(address, PORT));
          }
        }
        case "domain", "search" ->
            search =
                List.of(words).subList(1, words.length).stream()
                    .map(ResolvConf::withoutDot)
                    .filter(NetworkNames::isName)
                    .toList();
        case "options" -> ndots = ndots(words, ndots);
        default -> {} // sortlist, and what other systems have
      }
    }
    return new ResolvConf(
        servers.isEmpty() ? List.of(NetworkNames.socketAddress("127.0.0.1", PORT)) : servers,
        search,
        ndots);
  }

  private static int ndots(String[] options, int before) {
    int ndots = before;
    for (String option : options) {
      if (option.matches("ndots:[0-9]{1,4}")) {
        ndots = Math.min(MOST_NDOTS, Integer.parseInt(option.substring("ndots:".length())));
      }
    }
    return ndots;
  }

  private static String withoutDot(String domain) {
    return domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
  }

  /** The names to ask for in turn when {@code name} is looked up. */
  List<String> candidates(String name) {
    if (name.endsWith(".")) {
      return List.of(name);
    }
    List<String> candidates = new ArrayList<>();
    for (String domain : search) {
      String candidate = name + "." + domain;
      if (candidate.length() <= NetworkNames.LONGEST) {
        candidates.add(candidate);
      }
    }
    boolean first = name.chars().filter(c -> c == '.').count() >= ndots;
    candidates.add(first ? 0 : candidates.size(), name);
    return candidates;
  }
}
