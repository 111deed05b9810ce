package dev.weir.sidecar.transparency;

import java.util.ArrayList;
import java.util.List;

/**
 * What a peer made of a message: framing and folding are undone, order and spelling are kept.
 *
 * @param fields {@code Name: value}
 * @param whole its body ended as it said it would
 */
record Message(
    String start, List<String> fields, String body, List<String> trailers, boolean whole) {
  Message {
    fields = List.copyOf(fields);
    trailers = List.copyOf(trailers);
  }

  static Message head(List<String> lines) {
    return new Message(
        lines.getFirst(), fields(lines.subList(1, lines.size())), "", List.of(), true);
  }

  private static List<String> fields(List<String> lines) {
    List<String> fields = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith(" ") || line.startsWith("\t")) {
        fields.add(fields.removeLast() + " " + line.strip());
      } else {
        int colon = line.indexOf(':');
        fields.add(line.substring(0, colon).strip() + ": " + line.substring(colon + 1).strip());
      }
    }
    return fields;
  }

  Message with(String newBody, List<String> newTrailers, boolean ended) {
    return new Message(start, fields, newBody, fields(newTrailers), ended);
  }

  int status() {
    return Integer.parseInt(start.substring(9, 12));
  }

  /** The value of the first field called {@code name}; empty without one. */
  String field(String name) {
    for (String field : fields) {
      if (name(field).equalsIgnoreCase(name)) {
        return field.substring(name.length() + 1).strip();
      }
    }
    return "";
  }

  static String name(String field) {
    return field.substring(0, field.indexOf(':'));
  }
}
