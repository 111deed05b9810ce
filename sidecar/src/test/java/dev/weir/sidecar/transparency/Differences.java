package dev.weir.sidecar.transparency;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What may differ between a call through two sidecars and one without, each with its reason. What
 * is not here must not differ.
 */
final class Differences {
  /** Framing and the life of a connection are each hop's own: RFC 9110 7.6.1, RFC 9112 6 and 9. */
  private static final Set<String> OF_ONE_HOP =
      Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding");

  /**
   * Added to a request: the scheme it came by and its number, which only a proxy knows, how long
   * its caller will wait, and the trace that it begins.
   */
  private static final Set<String> ADDED_TO_REQUESTS =
      Set.of("x-forwarded-proto", "x-request-id", "x-envoy-expected-rq-timeout-ms", "traceparent");

  /** Added to a response: RFC 9110 6.6.1 asks a recipient with a clock for a Date. */
  private static final Set<String> ADDED_TO_RESPONSES =
      Set.of("date", "x-envoy-upstream-service-time");

  private Differences() {}

  /** As an app may see {@code request}, whose direct form has the fields {@code direct}. */
  static List<String> request(Message request, List<String> direct) {
    // The version is each hop's: RFC 9110 2.5.
    String line = request.start().replaceAll(" HTTP/1\\.[01]$", "");
    // Absolute form is for proxies; an app gets origin form, its host in Host: RFC 9112 3.2.2.
    String target = line.replaceFirst("^(\\S+) (?i:http://[^/?]*)(?=[/?]|$)", "$1 ");
    line = target.endsWith(" ") ? target + (line.startsWith("OPTIONS") ? "*" : "/") : target;
    line = line.replaceFirst("^(\\S+) \\?", "$1 /?");
    List<String> lines = new ArrayList<>(List.of(line));
    String nominated = nominated(request);
    for (String field : request.fields()) {
      String name = Message.name(field).toLowerCase(Locale.ROOT);
      boolean leftOut =
          OF_ONE_HOP.contains(name)
              || ADDED_TO_REQUESTS.contains(name) && !has(direct, name)
              // A field that Connection names ends at the next hop.
              || nominated.contains(name) && !name.equals("content-length") && !name.equals("te")
              // TE goes last, beside the Connection that names it.
              || name.equals("te")
              // 100-continue is met by the sidecar, so that a client need not wait for two hops
              // more.
              || field.equalsIgnoreCase("expect: 100-continue")
              // Said of a POST without a body, so that the app need not guess: RFC 9110 8.6.
              || field.equalsIgnoreCase("content-length: 0")
              // Host goes first (RFC 9110 7.2), and is there for HTTP/1.0 too.
              || name.equals("host");
      if (!leftOut) {
        lines.add(field);
      }
    }
    lines.add(
        "te: "
            + (request.field("te").toLowerCase(Locale.ROOT).contains("trailers")
                ? "trailers"
                : ""));
    lines.add("host: " + host(request));
    return end(lines, request);
  }

  private static String nominated(Message message) {
    return message.fields().stream()
        .filter(field -> Message.name(field).equalsIgnoreCase("connection"))
        .map(field -> field.toLowerCase(Locale.ROOT))
        .toList()
        .toString();
  }

  private static String host(Message request) {
    String absolute = request.start().replaceFirst("^\\S+ (?i:http://)([^/?\\s]*).*", "$1");
    return absolute.equals(request.start()) ? request.field("host") : absolute;
  }

  /** As a client may see {@code response}. */
  static List<String> response(Message response, List<String> direct) {
    // HTTP/1.0 is answered as HTTP/1.0, whatever the app's server says of itself.
    List<String> lines = new ArrayList<>(List.of(response.start().substring(9).strip()));
    String nominated = nominated(response);
    boolean length = false;
    for (String field : response.fields()) {
      String name = Message.name(field).toLowerCase(Locale.ROOT);
      boolean leftOut =
          OF_ONE_HOP.contains(name)
              || ADDED_TO_RESPONSES.contains(name) && !has(direct, name)
              || nominated.contains(name) && !name.equals("content-length")
              // A 204 has none: RFC 9110 8.6.
              || name.equals("content-length") && response.status() == 204
              // Said where a response ends at once.
              || field.equalsIgnoreCase("content-length: 0")
              // One length, once: RFC 9112 6.3.
              || name.equals("content-length") && length;
      if (!leftOut) {
        // A fold is worth one space or several: RFC 9112 5.2.
        String value = field.replaceAll("[ \t]+", " ");
        lines.add(name.equals("content-length") ? value.replaceAll(",.*", "") : value);
      }
      length |= name.equals("content-length");
    }
    return end(lines, response);
  }

  private static List<String> end(List<String> lines, Message message) {
    lines.add("body: " + message.body());
    for (String trailer : message.trailers()) {
      lines.add("trailer " + trailer);
    }
    lines.add(message.whole() ? "whole" : "cut");
    return lines;
  }

  private static boolean has(List<String> fields, String name) {
    return fields.stream().anyMatch(field -> Message.name(field).equalsIgnoreCase(name));
  }
}
