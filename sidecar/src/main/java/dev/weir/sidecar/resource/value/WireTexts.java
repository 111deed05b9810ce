package dev.weir.sidecar.resource.value;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.http.Ascii;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Texts of the configuration that become part of a message. What a message cannot carry is refused
 * here: on the wire it would end the message early, or begin another.
 */
public final class WireTexts {
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*");

  private WireTexts() {}

  /** A header's name; RFC 9110 5.6.2. */
  public static String name(String text, FieldPath path) throws Invalid {
    if (!TOKEN.matcher(text).matches()) {
      throw new Invalid(
          path, quoted(text) + " is no name of a header: letters, digits and !#$%&'*+-.^_`|~");
    }
    return text;
  }

  /** A header's value, or a part of one that is filled in: no control characters, RFC 9110 5.5. */
  public static String value(String text, FieldPath path) throws Invalid {
    int at = indexOf(text, c -> c < ' ' && c != '\t' || c == 0x7f);
    if (at >= 0) {
      throw new Invalid(path, "has " + character(text, at) + ", which no header can carry");
    }
    return text;
  }

  /** A header's value that is sent as it is: printable ASCII. */
  public static String asciiValue(String text, FieldPath path) throws Invalid {
    int at = indexOf(text, c -> c < ' ' || c >= 0x7f);
    if (at >= 0) {
      throw new Invalid(path, "has " + character(text, at) + "; only printable ASCII is sent here");
    }
    if (!text.equals(text.strip())) {
      throw new Invalid(path, quoted(text) + " begins or ends with a space, which no header can");
    }
    return text;
  }

  /** What takes the place of the beginning of a path; empty is not set. */
  public static Optional<String> pathPrefix(String text, FieldPath path) throws Invalid {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    beginsPath(text, path);
    return Optional.of(pathPart(text, path));
  }

  /** A path that a client is sent to, its query and fragment included; empty is not set. */
  public static Optional<String> reference(String text, FieldPath path) throws Invalid {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    beginsPath(text, path);
    return Optional.of(visible(text, path, "path"));
  }

  private static void beginsPath(String text, FieldPath path) throws Invalid {
    if (text.charAt(0) != '/') {
      throw new Invalid(path, quoted(text) + " must begin with /: it begins a path");
    }
  }

  /** A piece of a path. */
  public static String pathPart(String text, FieldPath path) throws Invalid {
    visible(text, path, "path");
    if (text.indexOf('#') >= 0) {
      throw new Invalid(path, quoted(text) + " has a #, which ends a path; write it as %23");
    }
    return text;
  }

  private static String visible(String text, FieldPath path, String what) throws Invalid {
    int at = indexOf(text, c -> c <= ' ' || c >= 0x7f);
    if (at >= 0) {
      throw new Invalid(
          path,
          quoted(text)
              + " has "
              + character(text, at)
              + ", which cannot stand in a "
              + what
              + "; write it as "
              + encoded(text, at));
    }
    return text;
  }

  /** A host, and maybe a port; empty is not set. */
  public static Optional<String> authority(String text, FieldPath path) throws Invalid {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (!Ascii.isAuthority(bytes, 0, bytes.length)) {
      throw new Invalid(
          path,
          quoted(text) + " is no host: a name or an address, and maybe a port behind a colon");
    }
    return Optional.of(text);
  }

  /**
   * What a gRPC server is called: {@code authority}, or else its cluster's name.
   *
   * @param path of the message that has both
   */
  public static String grpcAuthority(String authority, String cluster, FieldPath path)
      throws Invalid {
    if (authority.isEmpty()) {
      int at = indexOf(cluster, c -> c <= ' ' || c >= 0x7f);
      if (at >= 0) {
        throw new Invalid(
            path.field("authority"),
            "must be set: the cluster's name has "
                + character(cluster, at)
                + ", which cannot stand in a host");
      }
      return cluster;
    }
    return authority(authority, path.field("authority")).orElseThrow();
  }

  /** As RFC 3986 3.1 has it; empty is not set. */
  public static Optional<String> scheme(String text, FieldPath path) throws Invalid {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (!SCHEME.matcher(text).matches()) {
      throw new Invalid(path, quoted(text) + " is no scheme of a URI");
    }
    return Optional.of(text);
  }

  /** A URI with a host, in ASCII. */
  public static URI uri(String text, FieldPath path) throws Invalid {
    URI uri;
    try {
      uri = URI.create(URI.create(text).toASCIIString());
    } catch (IllegalArgumentException e) {
      throw new Invalid(path, "is no URI: " + e.getMessage());
    }
    if (uri.getRawAuthority() == null) {
      throw new Invalid(path, "must name a host: http://host/path");
    }
    authority(uri.getRawAuthority(), path);
    return uri;
  }

  // ---- what is said of them

  private static int indexOf(String text, java.util.function.IntPredicate bad) {
    for (int i = 0; i < text.length(); i++) {
      if (bad.test(text.charAt(i))) {
        return i;
      }
    }
    return -1;
  }

  private static String character(String text, int at) {
    int c = text.codePointAt(at);
    return c == ' ' ? "a space" : "the character U+%04X".formatted(c);
  }

  private static String encoded(String text, int at) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : Character.toString(text.codePointAt(at)).getBytes(StandardCharsets.UTF_8)) {
      encoded.append("%%%02X".formatted(b));
    }
    return encoded.toString();
  }

  /** So that a line of a log stays one. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      quoted.append(c < ' ' || c == 0x7f ? "\\u%04x".formatted((int) c) : c);
    }
    return quoted.append('"').toString();
  }
}
