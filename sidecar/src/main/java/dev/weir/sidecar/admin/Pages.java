package dev.weir.sidecar.admin;

import org.jspecify.annotations.Nullable;

/** What a server answers with. Any thread that may wait. */
interface Pages {
  /** One answer. */
  record Page(int status, String contentType, String body) {
    static Page text(String body) {
      return text(200, body);
    }

    static Page text(int status, String body) {
      return new Page(status, "text/plain; charset=UTF-8", body);
    }

    static Page json(String body) {
      return new Page(200, "application/json", body);
    }
  }

  /**
   * @param accept the media types that are wanted; null: any
   */
  Page page(String method, String target, @Nullable String accept);
}
