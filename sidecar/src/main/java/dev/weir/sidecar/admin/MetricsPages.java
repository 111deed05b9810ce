package dev.weir.sidecar.admin;

import dev.weir.sidecar.metrics.MetricsFormat;
import dev.weir.sidecar.metrics.MetricsPage;
import dev.weir.sidecar.profile.Asker;
import java.io.InputStream;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** What everybody may read who reaches the pod: its metrics, and nothing else. */
final class MetricsPages implements Pages {
  /** Answers that are made at once; each is some megabytes in a large mesh. */
  private static final int AT_ONCE = 2;

  private final MetricsPage metrics;
  private final Semaphore places = new Semaphore(AT_ONCE);

  MetricsPages(MetricsPage metrics) {
    this.metrics = metrics;
  }

  /** {@code metrics}, as whoever asks wants it. */
  static Page of(MetricsPage metrics, @Nullable String accept) {
    MetricsPage.Written written = metrics.write(MetricsFormat.of(accept));
    String contentType = written.format().contentType();
    return switch (written) {
      case MetricsPage.Text(MetricsFormat _, String text) ->
          new Page(200, contentType, new Text(text));
      case MetricsPage.Messages(InputStream bytes) -> Page.bytes(contentType, bytes);
    };
  }

  @Override
  public Page page(
      String method, String target, @Nullable String accept, byte[] body, Asker asker) {
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    if (!path.equals("/stats/prometheus") && !path.equals("/metrics")) {
      return Page.text(404, "there are metrics here, at /stats/prometheus\n");
    }
    if (!method.equals("GET")) {
      return Page.text(405, "the metrics are read by GET\n");
    }
    if (!places.tryAcquire()) {
      return Page.text(503, "others are being answered; ask again\n");
    }
    try {
      return of(metrics, accept);
    } finally {
      places.release();
    }
  }
}
