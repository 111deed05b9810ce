package dev.weir.sidecar.member;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Where somebody listens in a network namespace: what /proc/net/tcp and tcp6 say. */
final class Listening {
  private static final String LISTEN = "0A";

  private Listening() {}

  /**
   * @param net /proc/net of a process in it
   */
  static List<InetSocketAddress> in(Path net) throws IOException {
    List<InetSocketAddress> all = new ArrayList<>();
    for (String file : List.of("tcp", "tcp6")) {
      if (Files.exists(net.resolve(file))) {
        for (String line : Files.readAllLines(net.resolve(file))) {
          String[] fields = line.strip().split("\\s+");
          if (fields.length > 3 && fields[3].equals(LISTEN)) {
            all.add(address(fields[1]));
          }
        }
      }
    }
    return all;
  }

  /** In words of four bytes, each in the machine's order, which is little-endian. */
  private static InetSocketAddress address(String field) throws IOException {
    int colon = field.indexOf(':');
    byte[] words = HexFormat.of().parseHex(field.substring(0, colon));
    byte[] bytes = new byte[words.length];
    for (int index = 0; index < words.length; index++) {
      bytes[index] = words[index / 4 * 4 + 3 - index % 4];
    }
    return new InetSocketAddress(
        InetAddress.getByAddress(bytes), Integer.parseInt(field.substring(colon + 1), 16));
  }
}
