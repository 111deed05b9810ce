package dev.weir.sidecar.manager;

import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.HttpConnectionManager.ServerHeader;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ServerConnection;
import org.jspecify.annotations.Nullable;

/** What is done to a response's head on its way out. */
final class ResponseHygiene {
  private ResponseHygiene() {}

  static void apply(
      HttpConnectionManager config,
      ServerConnection connection,
      @Nullable Headers request,
      Headers headers) {
    ServerHeader server = config.serverHeader();
    switch (server.action()) {
      case OVERWRITE -> headers.set(HeaderName.SERVER, server.name());
      case APPEND_IF_ABSENT -> {
        if (!headers.has(HeaderName.SERVER)) {
          headers.add(HeaderName.SERVER, server.name());
        }
      }
      case PASS_THROUGH -> {}
    }
    if (config.forwarded().alwaysSetRequestIdInResponse() && request != null) {
      String id = request.value(HeaderName.X_REQUEST_ID);
      if (id != null) {
        headers.set(HeaderName.X_REQUEST_ID, id);
      }
    }
    if (!headers.has(HeaderName.DATE)) {
      byte[] date = connection.loop().date();
      headers.addClean(HeaderName.DATE, date, 0, date.length);
    }
  }
}
