package dev.weir.sidecar.http.h1;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Good requests, and what becomes of them when bytes are removed, inserted or replaced. */
final class Mutants {
  private static final String FOLLOWER = "GET /next HTTP/1.1\r\nHost: next\r\n\r\n";
  private static final String NASTY = "\0\u0001\t\n\r !\"#,-019:;A@[\u007f\u0080\u00ff";

  private static final String PLAIN =
      "GET /a?b=c HTTP/1.1\r\nHost: app:80\r\nX-A: a, b\r\nConnection: close\r\n\r\n";
  private static final String NOMINATED =
      "OPTIONS * HTTP/1.1\r\nX-A:a\r\nConnection: x-b, te\r\nX-B: b\r\nHost: [::1]:8\r\nTE: trailers\r\n\r\n";
  private static final String ABSOLUTE =
      "\r\nGET http://other:8/x HTTP/1.1\r\nHost: app\r\nAccept: */*\r\n\r\n";
  private static final String LENGTH =
      "POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 12\r\nX-A: \t a \r\n\r\n0\r\nGET / HTTP"
          + FOLLOWER;
  private static final String EXPECTED =
      "PUT /e HTTP/1.1\r\nHost: app\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"
          + FOLLOWER;
  private static final String CHUNKS =
      "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0C;e=1\r\n0\r\n\r\nGET / H\r\n0\r\nX-T: t\r\n\r\n"
          + FOLLOWER;

  /** The good ones. */
  static final List<String> SEEDS = List.of(PLAIN, NOMINATED, ABSOLUTE, LENGTH, EXPECTED, CHUNKS);

  private Mutants() {}

  static List<String> seeds() {
    return SEEDS;
  }

  /** {@code good} with the byte at {@code at} removed, replaced, or another before it. */
  static List<String> changedAt(String good, int at) {
    String before = good.substring(0, at);
    String from = good.substring(at);
    List<String> mutants = new ArrayList<>();
    mutants.add(before + from.substring(1));
    for (int i = 0; i < NASTY.length(); i++) {
      mutants.add(before + NASTY.charAt(i) + from);
      mutants.add(before + NASTY.charAt(i) + from.substring(1));
    }
    return mutants;
  }

  /** A seed with so many changes. */
  static String changed(Random random, int changes) {
    StringBuilder text = new StringBuilder(SEEDS.get(random.nextInt(SEEDS.size())));
    for (int change = 0; change < changes; change++) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(3)) {
        case 0 -> text.deleteCharAt(at);
        case 1 -> text.insert(at, NASTY.charAt(random.nextInt(NASTY.length())));
        default -> text.setCharAt(at, text.charAt(random.nextInt(text.length())));
      }
    }
    return text.toString();
  }

  static String show(String bytes) {
    StringBuilder text = new StringBuilder();
    bytes
        .chars()
        .forEach(c -> text.append(c >= 0x20 && c < 0x7f ? (char) c + "" : "\\x%02x".formatted(c)));
    return text.toString();
  }
}
