package dev.weir.sidecar.log;

/** A JSON object in one line, member by member. */
final class JsonLine {
  private final StringBuilder text = new StringBuilder(256).append('{');

  /**
   * @param value a whole number, or what is written as its text
   */
  void put(String name, Object value) {
    if (text.length() > 1) {
      text.append(',');
    }
    string(name);
    text.append(':');
    if (value instanceof Long || value instanceof Integer) {
      text.append(value);
    } else {
      string(value.toString());
    }
  }

  private void string(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < 0x20 || c == 0x7f || Character.isSurrogate(c) && !paired(value, i)) {
        text.append("\\u%04x".formatted((int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }

  private static boolean paired(String value, int at) {
    return Character.isHighSurrogate(value.charAt(at))
        ? at + 1 < value.length() && Character.isLowSurrogate(value.charAt(at + 1))
        : at > 0 && Character.isHighSurrogate(value.charAt(at - 1));
  }

  String end() {
    return text.append('}').toString();
  }
}
