package dev.weir.sidecar.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The head of a message, or its trailers: bytes, and an index of where each field's name and value
 * lie in them. Fields that came from the wire stay where the parser found them and are written out
 * as they came; what is added goes to the end of the bytes as a whole line. Not thread-safe; owned
 * by one stream.
 *
 * <p>Pseudo-headers are not fields here: {@code :method}, {@code :path}, {@code :scheme}, {@code
 * :authority} and {@code :status} have accessors of their own, and a {@code Host} field never
 * appears, it is the authority. {@link #value(String)} knows them by name.
 *
 * <p>Values are ISO-8859-1, without leading or trailing white space, without control characters:
 * the codecs see to it, and {@link #add} and {@link #set} refuse others.
 */
public final class Headers {
  /**
   * Ints to a field in the index: name start, (number << 24 | name length), value start, value
   * length.
   */
  static final int STRIDE = 4;

  private static final int NAME_LENGTH = 0xff_ffff;
  private static final byte[] NOTHING = new byte[0];

  private byte[] bytes;
  private int end;
  private int[] index;
  private int count;
  private int removed;
  private long present;

  private int methodStart;
  private int methodLength;
  private int pathStart;
  private int pathLength;
  private int authorityStart;
  private int authorityLength = -1;
  private boolean https;
  private boolean extendedConnect;
  private int status;
  private int reasonStart;
  private int reasonLength = -1;

  /** Takes over {@code bytes} and {@code index}; for the codecs. */
  Headers(byte[] bytes, int end, int[] index, int count, long present) {
    this.bytes = bytes;
    this.end = end;
    this.index = index;
    this.count = count;
    this.present = present;
  }

  /** No fields, with room for some. */
  public static Headers empty() {
    return new Headers(NOTHING, 0, new int[4 * STRIDE], 0, 0);
  }

  public static Headers response(int status) {
    Headers headers = empty();
    headers.status = status;
    return headers;
  }

  /** {@code path} is in origin form. */
  public static Headers request(String method, String authority, String path) {
    Headers headers = empty();
    headers.method(method);
    headers.authority(authority);
    headers.path(path);
    return headers;
  }

  /** A copy that shares nothing. */
  public Headers copy() {
    Headers copy =
        new Headers(
            Arrays.copyOf(bytes, end), end, Arrays.copyOf(index, count * STRIDE), count, present);
    copy.removed = removed;
    copy.methodStart = methodStart;
    copy.methodLength = methodLength;
    copy.pathStart = pathStart;
    copy.pathLength = pathLength;
    copy.authorityStart = authorityStart;
    copy.authorityLength = authorityLength;
    copy.https = https;
    copy.extendedConnect = extendedConnect;
    copy.status = status;
    copy.reasonStart = reasonStart;
    copy.reasonLength = reasonLength;
    return copy;
  }

  /** What {@code content-length} says, the first if there are several; -1 without one. */
  public long contentLength() {
    int field = find(HeaderName.CONTENT_LENGTH);
    return field < 0 ? -1 : Ascii.parseLong(bytes, valueStart(field), valueLength(field));
  }

  // ---- pseudo-headers

  /** 0 in a request. */
  public int status() {
    return status;
  }

  /** With the reason phrase that is usual for it. */
  public void status(int value) {
    status = value;
    reasonLength = -1;
  }

  /** Where the reason phrase begins that came with the status. */
  public int reasonStart() {
    return reasonStart;
  }

  /** -1 where none came: HTTP/2 has none. */
  public int reasonLength() {
    return reasonLength;
  }

  void reason(int start, int length) {
    reasonStart = start;
    reasonLength = length;
  }

  public String method() {
    return switch (methodLength) {
      case 3 -> methodIs("GET") ? "GET" : methodIs("PUT") ? "PUT" : text(methodStart, 3);
      case 4 -> methodIs("POST") ? "POST" : methodIs("HEAD") ? "HEAD" : text(methodStart, 4);
      default -> text(methodStart, methodLength);
    };
  }

  /** Exactly {@code method}, without making a String. */
  public boolean methodIs(String method) {
    return matches(methodStart, methodLength, method);
  }

  public void method(String method) {
    methodStart = append(method);
    methodLength = method.length();
  }

  void method(int start, int length) {
    methodStart = start;
    methodLength = length;
  }

  /** With the query; {@code *} for OPTIONS of the server. */
  public String path() {
    return text(pathStart, pathLength);
  }

  public int pathStart() {
    return pathStart;
  }

  public int pathLength() {
    return pathLength;
  }

  public void path(String path) {
    requireClean(path);
    pathStart = append(path);
    pathLength = path.length();
  }

  void path(int start, int length) {
    pathStart = start;
    pathLength = length;
  }

  /** Empty where there is none. */
  public String authority() {
    return authorityLength <= 0 ? "" : text(authorityStart, authorityLength);
  }

  public boolean hasAuthority() {
    return authorityLength >= 0;
  }

  public int authorityStart() {
    return authorityStart;
  }

  /** -1 where there is none. */
  public int authorityLength() {
    return authorityLength;
  }

  public void authority(String authority) {
    requireClean(authority);
    authorityStart = append(authority);
    authorityLength = authority.length();
  }

  void authority(int start, int length) {
    authorityStart = start;
    authorityLength = length;
  }

  /** {@code http} or {@code https}. */
  public String scheme() {
    return https ? "https" : "http";
  }

  public void https(boolean value) {
    https = value;
  }

  /** An extended CONNECT of HTTP/2, RFC 8441: what asks for an upgrade has no key of its own. */
  public boolean extendedConnect() {
    return extendedConnect;
  }

  /** For the codec. */
  public void extendedConnect(boolean value) {
    extendedConnect = value;
  }

  // ---- fields

  /**
   * The bytes that the accessors' positions mean; valid until the next change, not to be written
   * to.
   */
  public byte[] bytes() {
    return bytes;
  }

  /** How many bytes of {@link #bytes()} are in use. */
  public int byteCount() {
    return end;
  }

  /** Upper bound of field positions; some may have been removed, see {@link #isField}. */
  public int size() {
    return count;
  }

  /** How many fields there are. */
  public int fieldCount() {
    return count - removed;
  }

  public boolean isField(int field) {
    return index[field * STRIDE + 1] != 0;
  }

  public int nameStart(int field) {
    return index[field * STRIDE];
  }

  public int nameLength(int field) {
    return index[field * STRIDE + 1] & NAME_LENGTH;
  }

  public int valueStart(int field) {
    return index[field * STRIDE + 2];
  }

  public int valueLength(int field) {
    return index[field * STRIDE + 3];
  }

  /** The name as it came. */
  public String name(int field) {
    return text(nameStart(field), nameLength(field));
  }

  public String value(int field) {
    return text(valueStart(field), valueLength(field));
  }

  /** The well-known name of the field, or null. */
  public @Nullable HeaderName known(int field) {
    int number = index[field * STRIDE + 1] >>> 24;
    return number == 0 ? null : HeaderName.byNumber(number);
  }

  public boolean has(HeaderName name) {
    return (present & (1L << name.number())) != 0;
  }

  /** The first field called {@code name}, or -1. */
  public int find(HeaderName name) {
    return has(name) ? next(name, -1) : -1;
  }

  /** The first field called {@code lower}, which is in lower case, or -1. */
  public int find(String lower) {
    for (int i = 0; i < count; i++) {
      if (isField(i) && nameIs(i, lower)) {
        return i;
      }
    }
    return -1;
  }

  /** The next field called {@code name} after {@code field}, or -1. */
  public int next(HeaderName name, int field) {
    int number = name.number();
    for (int i = field + 1; i < count; i++) {
      if (index[i * STRIDE + 1] >>> 24 == number) {
        return i;
      }
    }
    return -1;
  }

  /** The value of the first field called {@code name}, or null. */
  public @Nullable String value(HeaderName name) {
    int field = find(name);
    return field < 0 ? null : value(field);
  }

  /**
   * The value by a name in lower case, pseudo-headers included; several are joined by a comma; null
   * where there is none.
   */
  public @Nullable String value(String name) {
    if (name.startsWith(":")) {
      return switch (name) {
        case ":method" -> methodLength == 0 ? null : method();
        case ":path" -> pathLength == 0 ? null : path();
        case ":authority" -> hasAuthority() ? authority() : null;
        case ":scheme" -> methodLength == 0 ? null : scheme();
        case ":status" -> status == 0 ? null : Integer.toString(status);
        default -> null;
      };
    }
    if (name.equals("host")) {
      return hasAuthority() ? authority() : null;
    }
    @Nullable String all = null;
    for (int i = 0; i < count; i++) {
      if (isField(i) && nameIs(i, name)) {
        all = all == null ? value(i) : all + "," + value(i);
      }
    }
    return all;
  }

  /** As {@link #value(String)}, but of several the first. */
  public @Nullable String first(String name) {
    if (name.startsWith(":") || name.equals("host")) {
      return value(name);
    }
    int field = find(name);
    return field < 0 ? null : value(field);
  }

  /** {@code lower} is in lower case. */
  public boolean nameIs(int field, String lower) {
    return nameLength(field) == lower.length() && Ascii.beginsWith(bytes, nameStart(field), lower);
  }

  /** The value of {@code field} is {@code lower}, in any case. */
  public boolean valueIs(int field, String lower) {
    return valueLength(field) == lower.length()
        && Ascii.beginsWith(bytes, valueStart(field), lower);
  }

  /** Adds a field behind the others. */
  public void add(HeaderName name, String value) {
    requireClean(value);
    addLine(name.bytes(), value, name.number());
  }

  /** Adds a field behind the others. {@code name} must be a token; spelled as given. */
  public void add(String name, String value) {
    requireClean(value);
    byte[] ascii = name.getBytes(StandardCharsets.ISO_8859_1);
    requireToken(ascii, name);
    HeaderName known = HeaderName.lookup(ascii, 0, ascii.length);
    addLine(ascii, value, known == null ? 0 : known.number());
  }

  /** Adds a field whose bytes a codec or a compiled template has checked. */
  public void addClean(HeaderName name, byte[] value, int start, int length) {
    reserve(name.bytes().length + length + 4);
    int nameStart = end;
    line(name.bytes(), name.bytes().length);
    int valueStart = end;
    System.arraycopy(value, start, bytes, end, length);
    end += length;
    crlf();
    entry(nameStart, name.bytes().length, name.number(), valueStart, length);
  }

  /** As {@link #addClean(HeaderName, byte[], int, int)}, for a decimal number. */
  public void add(HeaderName name, long value) {
    if (value < 0) {
      addLine(name.bytes(), Long.toString(value), name.number());
      return;
    }
    int digits = Ascii.digits(value);
    reserve(name.bytes().length + digits + 4);
    int nameStart = end;
    line(name.bytes(), name.bytes().length);
    int valueStart = end;
    end += digits;
    Ascii.writeDigits(value, digits, bytes, valueStart);
    crlf();
    entry(nameStart, name.bytes().length, name.number(), valueStart, digits);
  }

  /** Replaces every field called {@code name} by one. */
  public void set(HeaderName name, String value) {
    remove(name);
    add(name, value);
  }

  /** Replaces every field called {@code name} by one. */
  public void set(HeaderName name, long value) {
    remove(name);
    add(name, value);
  }

  /** Replaces every field called {@code name}, in any case, by one. */
  public void set(String name, String value) {
    remove(name.toLowerCase(java.util.Locale.ROOT));
    add(name, value);
  }

  /** Removes every field called {@code name}. */
  public void remove(HeaderName name) {
    if (!has(name)) {
      return;
    }
    for (int i = find(name); i >= 0; i = next(name, i)) {
      removeField(i);
    }
    present &= ~(1L << name.number());
  }

  /** Removes every field whose name is {@code lower}, given in lower case. */
  public void remove(String lower) {
    HeaderName known = HeaderName.lookup(lower);
    if (known != null) {
      remove(known);
      return;
    }
    for (int i = 0; i < count; i++) {
      if (isField(i) && nameIs(i, lower)) {
        removeField(i);
      }
    }
  }

  /**
   * As {@link #remove(String)}, and every field that an app cannot tell from it: to CGI and what
   * came after it (RFC 3875, 4.1.18) a dash and an underscore are one.
   */
  public void removeAlike(String lower) {
    remove(lower);
    for (int i = 0; i < count; i++) {
      if (isField(i) && isAlike(i, lower)) {
        HeaderName known = known(i);
        if (known != null) {
          remove(known);
        } else {
          removeField(i);
        }
      }
    }
  }

  private boolean isAlike(int field, String lower) {
    if (nameLength(field) != lower.length()) {
      return false;
    }
    int start = nameStart(field);
    for (int i = 0; i < lower.length(); i++) {
      if (dashed(Ascii.lower(bytes[start + i])) != dashed(lower.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static int dashed(int c) {
    return c == '_' ? '-' : c;
  }

  /** Removes the fields whose names begin with {@code lowerPrefix}. */
  public void removePrefix(String lowerPrefix) {
    for (int i = 0; i < count; i++) {
      if (isField(i) && namePrefix(i, lowerPrefix)) {
        HeaderName known = known(i);
        if (known != null) {
          remove(known);
        } else {
          removeField(i);
        }
      }
    }
  }

  private boolean namePrefix(int field, String lowerPrefix) {
    return nameLength(field) >= lowerPrefix.length()
        && Ascii.beginsWith(bytes, nameStart(field), lowerPrefix);
  }

  /** Removes one field; its name may occur again. For the codecs. */
  void removeField(int field) {
    if (isField(field)) {
      index[field * STRIDE + 1] = 0;
      removed++;
    }
  }

  // ---- an attempt's overlay

  /** What {@link #rewind} takes back to. */
  public record Mark(
      int end,
      int count,
      long present,
      int pathStart,
      int pathLength,
      int authorityStart,
      int authorityLength) {}

  /**
   * Where the base ends and an attempt's own fields begin. Between the two no field may be removed
   * or replaced.
   */
  public Mark mark() {
    return new Mark(end, count, present, pathStart, pathLength, authorityStart, authorityLength);
  }

  /** Takes back everything added since {@code mark}. */
  public void rewind(Mark mark) {
    end = mark.end();
    count = mark.count();
    present = mark.present();
    pathStart = mark.pathStart();
    pathLength = mark.pathLength();
    authorityStart = mark.authorityStart();
    authorityLength = mark.authorityLength();
  }

  // ---- bytes

  private void addLine(byte[] name, String value, int number) {
    int length = value.length();
    reserve(name.length + length + 4);
    int nameStart = end;
    line(name, name.length);
    int valueStart = end;
    latin1(value, bytes, end);
    end += length;
    crlf();
    entry(nameStart, name.length, number, valueStart, length);
  }

  private void line(byte[] name, int length) {
    System.arraycopy(name, 0, bytes, end, length);
    end += length;
    bytes[end++] = ':';
    bytes[end++] = ' ';
  }

  private void crlf() {
    bytes[end++] = '\r';
    bytes[end++] = '\n';
  }

  private void entry(int nameStart, int nameLength, int number, int valueStart, int valueLength) {
    int at = count * STRIDE;
    if (at == index.length) {
      index = Arrays.copyOf(index, Math.max(4 * STRIDE, index.length * 2));
    }
    index[at] = nameStart;
    index[at + 1] = number << 24 | nameLength;
    index[at + 2] = valueStart;
    index[at + 3] = valueLength;
    count++;
    present |= 1L << number;
  }

  private int append(String text) {
    reserve(text.length());
    int start = end;
    latin1(text, bytes, start);
    end += text.length();
    return start;
  }

  private void reserve(int more) {
    // One byte beyond, so that a field that ends the bytes may be asked for its CR.
    if (end + more + 1 > bytes.length) {
      bytes = Arrays.copyOf(bytes, end + Math.max(more + 1, 256));
    }
  }

  @SuppressWarnings("deprecation") // exactly what is wanted: the low bytes, without a detour
  private static void latin1(String text, byte[] target, int at) {
    text.getBytes(0, text.length(), target, at);
  }

  private String text(int start, int length) {
    return new String(bytes, start, length, StandardCharsets.ISO_8859_1);
  }

  private boolean matches(int start, int length, String text) {
    if (length != text.length()) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (bytes[start + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static void requireClean(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c > 0xff || !Ascii.isValue((byte) c)) {
        throw new IllegalArgumentException(
            "header value with the character U+" + Integer.toHexString(c));
      }
    }
  }

  private static void requireToken(byte[] name, String text) {
    if (name.length == 0) {
      throw new IllegalArgumentException("empty header name");
    }
    for (byte b : name) {
      if (!Ascii.isToken(b)) {
        throw new IllegalArgumentException("header name \"" + text + "\" is not a token");
      }
    }
  }

  /** For people: one line a field. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (status != 0) {
      text.append(":status: ").append(status).append('\n');
    }
    if (methodLength > 0) {
      text.append(method()).append(' ').append(authority()).append(' ').append(path()).append('\n');
    }
    for (int i = 0; i < count; i++) {
      if (isField(i)) {
        text.append(name(i)).append(": ").append(value(i)).append('\n');
      }
    }
    return text.toString();
  }
}
