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
public final class ReferenceParser {
  public enum End {
    /** The input ends between two messages. */
    CLEAN,
    /** The last message was told to be the last one; what follows is not read. */
    CLOSE,
    /** The input ends within a message that may yet become a good one, or not. */
    INCOMPLETE,
    /** What follows the messages is no message. */
    REFUSED
  }

  /** What must travel: end-to-end fields as they came, {@code body} decoded. */
  public record Message(
      String method,
      String target,
      String authority,
      List<String> fields,
      String body,
      List<String> trailers) {}

  /**
   * @param status of the refusal, for what is wrong first in the order of the bytes and, of a whole
   *     head, at its end; 0 if there is none
   */
  public record Result(List<Message> messages, End end, int status) {}

  private static final class Refused extends Exception {
    private final int status;

    Refused(int status) {
      this.status = status;
    }
  }

  private static final class Incomplete extends Exception {}

  private static final int MOST_EMPTY_LINES = 8;
  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  private static final String TARGET = "[\\x21\\x22\\x24-\\x7e\\x80-\\xff]+";
  private static final Pattern START =
      Pattern.compile("(" + TOKEN + ") (" + TARGET + ") HTTP/1\\.([0-9])");

  /** Of a version that is not ours it does not matter how the line goes on. */
  private static final Pattern OTHER_VERSION =
      Pattern.compile(TOKEN + " " + TARGET + " HTTP/[02-9].*", Pattern.DOTALL);

  private static final Pattern FIELD =
      Pattern.compile("(" + TOKEN + "):[ \\t]*([\\t\\x20-\\x7e\\x80-\\xff]*?)[ \\t]*");
  private static final Pattern HOST =
      Pattern.compile("(?:\\[[0-9A-Fa-f:.]{2,}\\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::([0-9]{0,5}))?");
  private static final Pattern ABSOLUTE = Pattern.compile("(?i:https?)://([^/?]*)(.*)");
  private static final Pattern OPTIONS_LIST =
      Pattern.compile("[ \\t,]*(?:" + TOKEN + "[ \\t,]*(?:(?<=[ \\t,])|$))*");
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
  private static final Pattern CHUNK =
      Pattern.compile(
          "(?=[0-9A-Fa-f]{1,64}(?![0-9A-Fa-f]))0*?([0-9A-Fa-f]{1,15})(?:[ \\t]*;[\\t\\x20-\\x7e\\x80-\\xff]{0,255})?");
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "te",
          "host",
          "expect",
          "content-length");

  private final String input;
  private int position;
  private boolean last;

  private ReferenceParser(String input) {
    this.input = input;
  }

  /** {@code input} is Latin-1, a byte a character. */
  public static Result parse(String input) {
    ReferenceParser parser = new ReferenceParser(input);
    List<Message> messages = new ArrayList<>();
    while (true) {
      if (parser.last) {
        return new Result(messages, End.CLOSE, 0);
      }
      if (parser.position == input.length()) {
        return new Result(messages, End.CLEAN, 0);
      }
      try {
        messages.add(parser.message());
      } catch (Refused e) {
        return new Result(messages, End.REFUSED, e.status);
      } catch (Incomplete e) {
        return new Result(messages, End.INCOMPLETE, 0);
      }
    }
  }

  /**
   * The status for an input that was refused before its last line had an end; 0 if that could have
   * become a good one.
   */
  public static int statusIfLineEnded(String input) {
    return parse(input + "\r\n\r\n").status();
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
      throw new Refused(400);
    }
    return matcher;
  }

  private static void require(boolean holds) throws Refused {
    require(holds, 400);
  }

  private static void require(boolean holds, int orElse) throws Refused {
    if (!holds) {
      throw new Refused(orElse);
    }
  }

  private Message message() throws Refused, Incomplete {
    String line = line();
    for (int empty = 0; line.isEmpty() && empty < MOST_EMPTY_LINES; empty++) {
      line = line();
    }
    require(!OTHER_VERSION.matcher(line).matches(), 505);
    Matcher start = require(START, line);
    boolean http10 = start.group(3).equals("0");
    List<String[]> fields = fields(true);

    List<String> lengths = values(fields, "content-length");
    List<String> codings = values(fields, "transfer-encoding");
    require(lengths.isEmpty() && !http10 || codings.isEmpty());
    List<String> hosts = values(fields, "host");
    require(!hosts.isEmpty() || http10);
    String method = start.group(1);
    require(!method.equals("CONNECT"), 501);
    String target = start.group(2);
    String authority = hosts.isEmpty() ? "" : hosts.getFirst();
    Matcher absolute = ABSOLUTE.matcher(target);
    if (absolute.matches()) {
      authority = absolute.group(1);
      require(isHost(authority));
      target = absolute.group(2).startsWith("/") ? absolute.group(2) : "/" + absolute.group(2);
      target = absolute.group(2).isEmpty() && method.equals("OPTIONS") ? "*" : target;
    }
    require(target.startsWith("/") || target.equals("*") && method.equals("OPTIONS"));

    Set<String> hop = new HashSet<>();
    for (String options : values(fields, "connection")) {
      hop.addAll(List.of(options.toLowerCase(Locale.ROOT).split("[ \\t,]+")));
    }

    String body = "";
    List<String> trailers = List.of();
    if (!codings.isEmpty()) {
      body = chunks();
      Set<String> notThere = new HashSet<>(HOP_BY_HOP);
      notThere.add("trailer");
      trailers = endToEnd(fields(false), notThere);
    } else if (!lengths.isEmpty()) {
      body = bytes(Long.parseLong(lengths.getFirst()));
    }
    last = hop.contains("close") || http10 && !hop.contains("keep-alive");
    hop.addAll(HOP_BY_HOP);
    return new Message(method, target, authority, endToEnd(fields, hop), body, trailers);
  }

  /**
   * @param head they control a message; as trailers they do not
   */
  private List<String[]> fields(boolean head) throws Refused, Incomplete {
    List<String[]> fields = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      Matcher field = require(FIELD, line);
      String name = field.group(1);
      if (head) {
        control(name.toLowerCase(Locale.ROOT), field.group(2), values(fields, name).isEmpty());
      }
      fields.add(new String[] {name, field.group(2)});
    }
    return fields;
  }

  private static void control(String name, String value, boolean first) throws Refused {
    switch (name) {
      case "host" -> require(first && (value.isEmpty() || isHost(value)));
      case "content-length" -> require(first && LENGTH.matcher(value).matches());
      case "transfer-encoding" -> {
        require(first);
        boolean almost = value.toLowerCase(Locale.ROOT).contains("chunked");
        require(value.equalsIgnoreCase("chunked"), almost ? 400 : 501);
      }
      case "connection" -> require(OPTIONS_LIST, value);
      default -> {} // means nothing to a proxy
    }
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
