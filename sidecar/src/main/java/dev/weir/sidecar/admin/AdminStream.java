package dev.weir.sidecar.admin;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.ServerStream;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.profile.Asker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One request to the admin server: the page is made elsewhere and written here. */
final class AdminStream implements ServerStream, Asker {
  private static final int PART_BYTES = 64 << 10;

  private final ServerConnection connection;
  private final StreamEncoder encoder;
  private final Pages pages;
  private final CountDownLatch gone = new CountDownLatch(1);

  /** For the next part, given by the loop. */
  private final Semaphore room = new Semaphore(1);

  private boolean full;
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
      switch (page.body()) {
        case Pages.Text(String text) -> onLoop(() -> write(page, text));
        case Pages.Bytes(InputStream from) -> stream(page, from);
      }
    });
  }

  private void onLoop(Runnable task) {
    connection.loop().eventLoop().execute(task);
  }

  /** Any thread. */
  @Override
  public boolean leavesWithin(Duration limit) throws InterruptedException {
    return gone.await(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** A mistake of ours in a page is answered too. Any thread. */
  private Pages.Page answer(String method, String path, @Nullable String accept) {
    try {
      return pages.page(method, path, accept, this);
    } catch (Throwable mistake) {
      connection.loop().incidents().report("an admin page", mistake);
      return Pages.Page.text(500, "internal error: " + mistake + "\n");
    }
  }

  private void write(Pages.Page page, String text) {
    if (over) {
      return;
    }
    over = true;
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    Headers response = head(page);
    response.add(HeaderName.CONTENT_LENGTH, body.length);
    encoder.headers(response, body.length == 0);
    if (body.length > 0) {
      encoder.data(Unpooled.wrappedBuffer(body), true);
    }
  }

  private Headers head(Pages.Page page) {
    Headers response = Headers.response(page.status());
    response.add(HeaderName.CONTENT_TYPE, page.contentType());
    response.add("cache-control", "no-cache, max-age=0");
    response.add("x-content-type-options", "nosniff");
    byte[] date = connection.loop().date();
    response.addClean(HeaderName.DATE, date, 0, date.length);
    return response;
  }

  /** A part at a time, as it is taken. The thread of the page. */
  private void stream(Pages.Page page, InputStream from) {
    try (from) {
      onLoop(() -> {
        if (!over) {
          encoder.headers(head(page), false);
        }
      });
      byte[] part = from.readNBytes(PART_BYTES);
      while (part.length > 0 && gone.getCount() > 0) {
        room.acquire();
        byte[] next = part;
        onLoop(() -> write(next));
        part = from.readNBytes(PART_BYTES);
      }
      onLoop(() -> end(true));
    } catch (RejectedExecutionException e) {
      return; // the sidecar ends
    } catch (IOException | RuntimeException mistake) {
      connection.loop().incidents().report("an admin page", mistake);
      onLoop(() -> end(false));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      onLoop(() -> end(false));
    }
  }

  private void write(byte[] part) {
    if (over) {
      room.release();
      return;
    }
    encoder.data(Unpooled.wrappedBuffer(part), false);
    full = !encoder.writable();
    if (!full) {
      room.release();
    }
  }

  private void end(boolean whole) {
    if (over) {
      return;
    }
    over = true;
    if (whole) {
      encoder.data(Unpooled.EMPTY_BUFFER, true);
    } else {
      encoder.reset(ResetReason.LOCAL_RESET);
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
    leave();
  }

  @Override
  public void malformed(int status, String details) {
    leave();
  }

  private void leave() {
    over = true;
    gone.countDown();
    room.release();
  }

  @Override
  public void writable(boolean writable) {
    if (writable && full) {
      full = false;
      room.release();
    }
  }

  @Override
  public long deadline(long now) {
    return Long.MAX_VALUE;
  }
}
