package dev.weir.sidecar.telemetry;

import dev.weir.sidecar.config.listener.Tracing;
import dev.weir.sidecar.http.FieldText;
import dev.weir.sidecar.http.Headers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the configuration's own tags say of a stream. */
public final class StreamTags {
  /** Of what a client may choose freely. */
  private static final int MOST_TEXT = 256;

  private StreamTags() {}

  /**
   * Names and values in turn, without those that are empty.
   *
   * @param request null: there was none
   */
  public static List<String> of(List<Tracing.Tag> tags, @Nullable Headers request) {
    if (tags.isEmpty()) {
      return List.of();
    }
    List<String> told = new ArrayList<>();
    for (Tracing.Tag tag : tags) {
      String value =
          switch (tag) {
            case Tracing.Tag.Literal literal -> literal.value();
            case Tracing.Tag.Header header -> {
              String sent = request == null ? null : request.value(header.header());
              yield sent == null ? header.otherwise() : cut(FieldText.decoded(sent));
            }
          };
      if (!value.isEmpty()) {
        told.add(tag.name());
        told.add(value);
      }
    }
    return told;
  }

  private static String cut(String text) {
    return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT);
  }
}
