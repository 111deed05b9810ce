package dev.weir.sidecar.admin;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.ServerStream;
import dev.weir.sidecar.http.StreamEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One request to the admin server: the page is made elsewhere and written here. */
final class AdminStream implements ServerStream {
  private final ServerConnection connection;
  private final StreamEncoder encoder;
  private final Pages pages;
  private boolean over;

  AdminStream(ServerConnection connection, StreamEncoder encoder, Pages pages) {
    this.connection = connection;
    this.encoder = encoder;
    this.pages = pages;
  }

  @Override
  public void headers(Headers headers, boolean endStream) {
    String method = headers.method();
    String path = headers.path();
    String accept = headers.value("accept");
    Thread.startVirtualThread(() -> {
      Pages.Page page = answer(method, path, accept);
      connection.loop().eventLoop().execute(() -> write(page));
    });
  }

  /** A mistake of ours in a page is answered too. Any thread. */
  private Pages.Page answer(String method, String path, @Nullable String accept) {
    try {
      return pages.page(method, path, accept);
    } catch (Throwable mistake) {
      connection.loop().incidents().report("an admin page", mistake);
      return Pages.Page.text(500, "internal error: " + mistake + "\n");
    }
  }

  private void write(Pages.Page page) {
    if (over) {
      return;
    }
    over = true;
    byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
    Headers response = Headers.response(page.status());
    response.add(HeaderName.CONTENT_TYPE, page.contentType());
    response.add("cache-control", "no-cache, max-age=0");
    response.add("x-content-type-options", "nosniff");
    response.add(HeaderName.CONTENT_LENGTH, body.length);
    byte[] date = connection.loop().date();
    response.addClean(HeaderName.DATE, date, 0, date.length);
    encoder.headers(response, body.length == 0);
    if (body.length > 0) {
      encoder.data(Unpooled.wrappedBuffer(body), true);
    }
  }

  @Override
  public void data(ByteBuf data, boolean endStream) {
    data.release();
  }

  @Override
  public void trailers(Headers trailers) {}

  @Override
  public void informational(Headers headers) {}

  @Override
  public void reset(ResetReason reason, String details) {
    over = true;
  }

  @Override
  public void malformed(int status, String details) {
    over = true;
  }

  @Override
  public void writable(boolean writable) {}

  @Override
  public long deadline(long now) {
    return Long.MAX_VALUE;
  }
}
