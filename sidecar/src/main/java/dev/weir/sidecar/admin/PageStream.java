package dev.weir.sidecar.admin;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.profile.Asker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A request for a page, which is made elsewhere and written here. Event loop of the connection, but
 * for what says otherwise.
 */
final class PageStream extends AnsweredStream implements Asker {
  private static final int PART_BYTES = 64 << 10;

  /** Of a body that the page does not ask for, so much is passed over. */
  private static final int MOST_UNASKED = 64 << 10;

  private final ServerConnection connection;
  private final StreamEncoder encoder;
  private final Pages pages;
  private final Semaphore work;
  private final Patience patience;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  private Asked asked = new Asked("", "", null);
  private int mostBody;
  private long bodyBytes;

  /** When the body must be whole; never if none is waited for. */
  private long bodyDue = Long.MAX_VALUE;

  /** The response has. */
  private boolean begun;

  private record Asked(String method, String target, @Nullable String accept) {}

  /**
   * @param work a permit for each page that may be made at once
   */
  PageStream(
      ServerConnection connection,
      StreamEncoder encoder,
      Pages pages,
      Semaphore work,
      Patience patience) {
    super(new Parts(connection, encoder, patience.taken()));
    this.connection = connection;
    this.encoder = encoder;
    this.pages = pages;
    this.work = work;
    this.patience = patience;
  }

  @Override
  public void headers(Headers headers, boolean endStream) {
    asked = new Asked(headers.method(), headers.path(), headers.value("accept"));
    mostBody = endStream ? 0 : pages.mostBody(asked.method(), asked.target());
    if (mostBody == 0) {
      make();
    } else {
      bodyDue = connection.loop().nanoTime() + patience.begun().toNanos();
      connection.wakeAt(bodyDue);
    }
  }

  private void make() {
    if (!work.tryAcquire()) {
      write(Pages.Page.text(503, "many pages are being made; ask again\n"));
      return;
    }
    byte[] whole = body.toByteArray();
    Thread.startVirtualThread(() -> {
      try {
        Pages.Page page = answer(whole);
        switch (page.body()) {
          case Pages.Text _ -> parts.onLoop(() -> write(page));
          case Pages.Bytes(InputStream from) -> stream(page, from);
        }
      } finally {
        work.release();
      }
    });
  }

  /** Any thread. */
  @Override
  public boolean leavesWithin(Duration limit) throws InterruptedException {
    return parts.leavesWithin(limit);
  }

  /** A mistake of ours in a page is answered too. Any thread. */
  private Pages.Page answer(byte[] whole) {
    if (parts.left()) {
      return Pages.Page.text(503, ""); // nobody reads it
    }
    try {
      return pages.page(asked.method(), asked.target(), asked.accept(), whole, this);
    } catch (Throwable mistake) {
      connection.loop().incidents().report("an admin page", mistake);
      return Pages.Page.text(500, "internal error: " + mistake + "\n");
    }
  }

  private void write(Pages.Page page) {
    if (over || !(page.body() instanceof Pages.Text(String text))) {
      return;
    }
    begun = true;
    over = true;
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Headers response = head(page);
    response.add(HeaderName.CONTENT_LENGTH, bytes.length);
    boolean bodyless = bytes.length == 0 || asked.method().equals("HEAD");
    encoder.headers(response, bodyless);
    if (!bodyless) {
      encoder.data(Unpooled.wrappedBuffer(bytes), true);
    }
  }

  /** The request is at fault, whatever has been made for it. */
  private void refuse(int status, String why) {
    bodyDue = Long.MAX_VALUE;
    if (begun) {
      over = true;
      encoder.reset(ResetReason.LOCAL_RESET);
    } else {
      write(Pages.Page.text(status, why));
    }
    parts.leave();
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
      parts.onLoop(() -> {
        if (!over) {
          begun = true;
          encoder.headers(head(page), false);
        }
      });
      byte[] part = from.readNBytes(PART_BYTES);
      while (part.length > 0 && parts.write(part)) {
        part = from.readNBytes(PART_BYTES);
      }
      parts.onLoop(() -> end(true));
    } catch (IOException | RuntimeException mistake) {
      connection.loop().incidents().report("an admin page", mistake);
      parts.onLoop(() -> end(false));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      parts.onLoop(() -> end(false));
    }
  }

  private void end(boolean whole) {
    if (over || parts.left()) {
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
    bodyBytes += data.readableBytes();
    boolean awaited = bodyDue != Long.MAX_VALUE;
    if (!over && bodyBytes > (awaited ? mostBody : MOST_UNASKED)) {
      refuse(413, "the body of the request is too long\n");
    } else if (!over && awaited) {
      byte[] more = new byte[data.readableBytes()];
      data.readBytes(more);
      body.writeBytes(more);
    }
    data.release();
    if (endStream) {
      bodyEnds();
    }
  }

  private void bodyEnds() {
    if (bodyDue != Long.MAX_VALUE && !over) {
      bodyDue = Long.MAX_VALUE;
      make();
    }
  }

  @Override
  public void trailers(Headers trailers) {
    bodyEnds();
  }

  @Override
  public long deadline(long now) {
    if (bodyDue != Long.MAX_VALUE && !over) {
      if (now - bodyDue < 0) {
        return bodyDue;
      }
      refuse(408, "the body of the request did not come in time\n");
      return Long.MAX_VALUE;
    }
    return parts.deadline(now);
  }
}
