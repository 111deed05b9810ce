package dev.weir.sidecar.http.h1;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * RFC 9112 by regular expressions over the whole input: slow, strict, and short enough to be seen
 * to be right. The codec is judged by it.
 */
final class ReferenceParser {
  enum End {
    /** The input ends between two messages. */
    CLEAN,
    /** The input ends within a message that may yet become a good one, or not. */
    INCOMPLETE,
    /** What follows the messages is no message. */
    REFUSED
  }

  /** What must travel: end-to-end fields as they came, {@code body} decoded. */
  record Message(
      String method,
      String target,
      String authority,
      List<String> fields,
      String body,
      List<String> trailers) {}

  record Result(List<Message> messages, End end) {}

  private static final class Refused extends Exception {}

  private static final class Incomplete extends Exception {}

  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  private static final Pattern START =
      Pattern.compile("(" + TOKEN + ") ([\\x21\\x22\\x24-\\x7e]+) HTTP/1\\.1");
  private static final Pattern FIELD =
      Pattern.compile("(" + TOKEN + "):[ \\t]*([\\t\\x20-\\x7e\\x80-\\xff]*?)[ \\t]*");
  private static final Pattern HOST =
      Pattern.compile("(?:\\[[0-9A-Fa-f:.]{2,}\\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::([0-9]{0,5}))?");
  private static final Pattern ABSOLUTE = Pattern.compile("(?i:https?)://([^/?]*)(.*)");
  private static final Pattern OPTIONS_LIST =
      Pattern.compile("[ \\t,]*(?:" + TOKEN + "[ \\t,]*(?:(?<=[ \\t,])|$))*");
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
  private static final Pattern CHUNK =
      Pattern.compile("([0-9A-Fa-f]{1,15})(?:;[\\t\\x20-\\x7e\\x80-\\xff]{0,255})?");
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "trailer",
          "te",
          "host",
          "expect",
          "content-length");

  private final String input;
  private int position;

  private ReferenceParser(String input) {
    this.input = input;
  }

  /** {@code input} is Latin-1, a byte a character. */
  static Result parse(String input) {
    ReferenceParser parser = new ReferenceParser(input);
    List<Message> messages = new ArrayList<>();
    while (true) {
      if (parser.position == input.length()) {
        return new Result(messages, End.CLEAN);
      }
      try {
        messages.add(parser.message());
      } catch (Refused e) {
        return new Result(messages, End.REFUSED);
      } catch (Incomplete e) {
        return new Result(messages, End.INCOMPLETE);
      }
    }
  }

  private String line() throws Incomplete {
    int end = input.indexOf("\r\n", position);
    if (end < 0) {
      throw new Incomplete();
    }
    String line = input.substring(position, end);
    position = end + 2;
    return line;
  }

  private static Matcher require(Pattern pattern, String text) throws Refused {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw new Refused();
    }
    return matcher;
  }

  private static void require(boolean holds) throws Refused {
    if (!holds) {
      throw new Refused();
    }
  }

  private Message message() throws Refused, Incomplete {
    String first = line();
    Matcher start = require(START, first.isEmpty() ? line() : first);
    List<String[]> fields = fields();

    List<String> hosts = values(fields, "host");
    require(hosts.size() == 1 && isHost(hosts.getFirst()));
    String method = start.group(1);
    require(!method.equals("CONNECT"));
    String target = start.group(2);
    String authority = hosts.getFirst();
    Matcher absolute = ABSOLUTE.matcher(target);
    if (absolute.matches()) {
      authority = absolute.group(1);
      require(isHost(authority));
      target = absolute.group(2).startsWith("/") ? absolute.group(2) : "/" + absolute.group(2);
    }
    require(target.startsWith("/") || target.equals("*") && method.equals("OPTIONS"));

    for (String expectation : values(fields, "expect")) {
      require(expectation.equalsIgnoreCase("100-continue"));
    }
    Set<String> hop = new HashSet<>(HOP_BY_HOP);
    for (String options : values(fields, "connection")) {
      require(OPTIONS_LIST, options);
      hop.addAll(List.of(options.toLowerCase(Locale.ROOT).split("[ \\t,]+")));
    }

    List<String> lengths = values(fields, "content-length");
    List<String> codings = values(fields, "transfer-encoding");
    require(lengths.size() + codings.size() <= 1);
    String body = "";
    List<String> trailers = List.of();
    if (!codings.isEmpty()) {
      require(codings.getFirst().equalsIgnoreCase("chunked"));
      body = chunks();
      trailers = endToEnd(fields(), HOP_BY_HOP);
    } else if (!lengths.isEmpty()) {
      require(LENGTH, lengths.getFirst());
      body = bytes(Long.parseLong(lengths.getFirst()));
    }
    return new Message(method, target, authority, endToEnd(fields, hop), body, trailers);
  }

  private List<String[]> fields() throws Refused, Incomplete {
    List<String[]> fields = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      Matcher field = require(FIELD, line);
      fields.add(new String[] {field.group(1), field.group(2)});
    }
    return fields;
  }

  private String chunks() throws Refused, Incomplete {
    StringBuilder body = new StringBuilder();
    while (true) {
      long size = Long.parseLong(require(CHUNK, line()).group(1), 16);
      if (size == 0) {
        return body.toString();
      }
      body.append(bytes(size));
      String rest = input.substring(position, Math.min(position + 2, input.length()));
      require("\r\n".startsWith(rest));
      bytes(2);
    }
  }

  private String bytes(long count) throws Incomplete {
    if (count > input.length() - position) {
      throw new Incomplete();
    }
    position += (int) count;
    return input.substring(position - (int) count, position);
  }

  private static boolean isHost(String text) {
    Matcher host = HOST.matcher(text);
    return host.matches()
        && (host.group(1) == null
            || host.group(1).isEmpty()
            || Integer.parseInt(host.group(1)) <= 65535);
  }

  private static List<String> values(List<String[]> fields, String name) {
    return fields.stream()
        .filter(field -> field[0].equalsIgnoreCase(name))
        .map(field -> field[1])
        .toList();
  }

  private static List<String> endToEnd(List<String[]> fields, Set<String> hopByHop) {
    return fields.stream()
        .filter(field -> !hopByHop.contains(field[0].toLowerCase(Locale.ROOT)))
        .map(field -> field[0] + ": " + field[1])
        .toList();
  }
}
