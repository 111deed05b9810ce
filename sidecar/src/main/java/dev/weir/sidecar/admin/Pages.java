package dev.weir.sidecar.admin;

import dev.weir.sidecar.profile.Asker;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** What a server answers with. Any thread that may wait. */
interface Pages {
  /** One answer. */
  record Page(int status, String contentType, Body body) {
    static Page text(String body) {
      return text(200, body);
    }

    static Page text(int status, String body) {
      return new Page(status, "text/plain; charset=UTF-8", new Text(body));
    }

    static Page json(String body) {
      return new Page(200, "application/json", new Text(body));
    }

    static Page bytes(String contentType, InputStream body) {
      return new Page(200, contentType, new Bytes(body));
    }
  }

  /** All of it, or where it is read from. */
  sealed interface Body {}

  record Text(String text) implements Body {}

  /** {@code from} is read as it can be written, on a thread that may wait, and closed. */
  record Bytes(InputStream from) implements Body {}

  /**
   * How long a request's body may be that is waited for and read; 0: none is. An event loop; at
   * once.
   */
  default int mostBody(String method, String target) {
    return 0;
  }

  /**
   * @param accept the media types that are wanted; null: any
   * @param body what {@link #mostBody} asks for, else empty
   */
  Page page(String method, String target, @Nullable String accept, byte[] body, Asker asker);
}
