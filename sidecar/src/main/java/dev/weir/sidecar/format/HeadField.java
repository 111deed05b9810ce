package dev.weir.sidecar.format;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.StreamInfo;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@code %REQ(NAME?ALTERNATIVE):LENGTH%}: of several the first, as in Envoy; from the bytes of the
 * head, without making a String of it.
 */
final class HeadField implements Operator {
  private final Name name;
  private final @Nullable Name alternative;
  private final int limit;
  private final Function<StreamInfo, @Nullable Headers> source;

  /** Where in a head it is looked for. */
  private enum Place {
    PATH,
    AUTHORITY,
    OTHER_PSEUDO,
    WELL_KNOWN,
    OTHER
  }

  private record Name(Place place, String text, @Nullable HeaderName known) {
    static Name of(String text) {
      String lower = text.toLowerCase(Locale.ROOT);
      HeaderName known = HeaderName.lookup(lower);
      Place place =
          switch (lower) {
            case ":path" -> Place.PATH;
            case ":authority", "host" -> Place.AUTHORITY;
            default ->
                lower.startsWith(":")
                    ? Place.OTHER_PSEUDO
                    : known == null ? Place.OTHER : Place.WELL_KNOWN;
          };
      return new Name(place, lower, known);
    }
  }

  private HeadField(
      Name name,
      @Nullable Name alternative,
      int limit,
      Function<StreamInfo, @Nullable Headers> source) {
    this.name = name;
    this.alternative = alternative;
    this.limit = limit;
    this.source = source;
  }

  /**
   * @param operator what it is called, for messages
   * @param argument {@code NAME} or {@code NAME?ALTERNATIVE}
   * @param limit bytes; 0: all
   * @throws IllegalArgumentException without a name
   */
  static HeadField of(
      String operator,
      @Nullable String argument,
      int limit,
      Function<StreamInfo, @Nullable Headers> source) {
    if (argument == null || argument.isEmpty()) {
      throw new IllegalArgumentException(
          "%" + operator + "% wants a header's name: %" + operator + "(NAME)%");
    }
    int question = argument.indexOf('?');
    return question < 0
        ? new HeadField(Name.of(argument), null, limit, source)
        : new HeadField(
            Name.of(argument.substring(0, question)),
            Name.of(argument.substring(question + 1)),
            limit,
            source);
  }

  @Override
  public boolean write(StreamInfo info, ByteSink out) {
    Headers headers = source.apply(info);
    return headers != null
        && (write(headers, name, out) || alternative != null && write(headers, alternative, out));
  }

  private boolean write(Headers headers, Name of, ByteSink out) {
    return switch (of.place()) {
      case PATH ->
          headers.pathLength() > 0 && put(headers, headers.pathStart(), headers.pathLength(), out);
      case AUTHORITY ->
          headers.hasAuthority()
              && put(headers, headers.authorityStart(), headers.authorityLength(), out);
      case OTHER_PSEUDO -> put(headers.value(of.text()), out);
      case WELL_KNOWN -> of.known() != null && put(headers, headers.find(of.known()), out);
      case OTHER -> put(headers, headers.find(of.text()), out);
    };
  }

  private boolean put(Headers headers, int field, ByteSink out) {
    return field >= 0 && put(headers, headers.valueStart(field), headers.valueLength(field), out);
  }

  private boolean put(Headers headers, int start, int length, ByteSink out) {
    out.put(headers.bytes(), start, limit > 0 ? Math.min(limit, length) : length);
    return true;
  }

  private boolean put(@Nullable String value, ByteSink out) {
    if (value == null) {
      return false;
    }
    out.put(limit > 0 && value.length() > limit ? value.substring(0, limit) : value);
    return true;
  }
}
