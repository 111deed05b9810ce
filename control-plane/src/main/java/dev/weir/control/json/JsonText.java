package dev.weir.control.json;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/** Reads JSON, and writes it in one line. */
public final class JsonText {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private JsonText() {}

  /**
   * As maps in the order written, lists, texts, numbers, booleans and null.
   *
   * @throws IOException it is no JSON
   */
  public static @Nullable Object read(String text) throws IOException {
    try {
      return MAPPER.readValue(text, Object.class);
    } catch (JacksonException e) {
      throw new IOException("no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Maps, iterables, arrays, texts, numbers, booleans and null, in one line. */
  public static String compact(@Nullable Object value) {
    return MAPPER.writeValueAsString(value);
  }
}
