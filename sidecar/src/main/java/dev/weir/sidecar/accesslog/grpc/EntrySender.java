package dev.weir.sidecar.accesslog.grpc;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.OtlpService;
import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.telemetry.otlp.ExportCounts;
import dev.weir.sidecar.telemetry.otlp.ExportQueue;
import dev.weir.sidecar.xds.Backoff;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends entries on a stream, a message for each batch. A message waits for its stream as long as it
 * takes, while what comes behind it waits in the queue and is dropped over the queue's bound. The
 * service has no acknowledgement: sent is what has gone to a connection, unless the receiver has
 * refused the stream.
 */
final class EntrySender implements ExportQueue.Sender<Entry> {
  /** In which a receiver says that it does not want a stream at all; the queue fills meanwhile. */
  private static final Duration REFUSAL = Duration.ofMillis(100);

  /** A stream that has lived as long was no failure. */
  private static final Duration LONG = Duration.ofSeconds(10);

  private final AccessLog.Receiver to;
  private final EntryMessages messages;
  private final AsyncClient client;
  private final ExportCounts counts;
  private final FoldedLog log;
  private final Backoff backoff = Backoff.standard(new SplittableRandom());
  private final Thread thread = Thread.currentThread();

  private @Nullable LogStream stream;
  private long openedAt;
  private boolean failed;

  /** By when all must be over, once {@link #hurried}. */
  private volatile long endBy;

  private volatile boolean hurried;

  /**
   * @param counts told of streams that fail; of what is lost its queue tells
   */
  EntrySender(
      AccessLog.Receiver to, Node node, AsyncClient client, ExportCounts counts, FoldedLog log) {
    this.to = to;
    this.messages = new EntryMessages(to, node);
    this.client = client;
    this.counts = counts;
    this.log = log;
  }

  @Override
  public boolean send(List<Entry> batch) {
    try {
      return send(messages.of(batch), batch.size());
    } catch (RejectedExecutionException e) {
      return false; // the loops have ended
    }
  }

  private boolean send(StreamAccessLogsMessage message, int entries) {
    while (true) {
      LogStream on = open();
      if (on == null) {
        return false;
      }
      boolean first = !on.begun();
      on.send(first ? messages.first(message) : message.toByteArray());
      while (!await(to.service().timeout(), () -> on.sent() || on.ended() != null)) {
        if (hurried) {
          return false;
        }
        complain("does not read, entries wait", "");
      }
      if (on.sent() && (!first || !await(REFUSAL, () -> on.ended() != null))) {
        return true;
      }
      LogStream.Ended ended = on.ended();
      if (on.sent() && (ended == null || ended.ok())) {
        return true;
      }
      if (on.sent()) {
        stream = null;
        failed = true;
        complain("has not taken " + entries + " entries, which are lost", ": " + ended);
        return false;
      }
    }
  }

  /** One that has not ended; null: it comes too late. */
  private @Nullable LogStream open() {
    LogStream known = stream;
    LogStream.Ended ended = known == null ? null : known.ended();
    if (known != null && ended == null) {
      return known;
    }
    if (ended != null) {
      stream = null;
      over(ended);
    }
    if (failed) {
      boolean _ = await(backoff.next(), () -> false);
    }
    if (late()) {
      return null;
    }
    LogStream opened = new LogStream(client, to.service());
    stream = opened;
    openedAt = System.nanoTime();
    return opened;
  }

  private void over(LogStream.Ended ended) {
    if (ended.ok() || System.nanoTime() - openedAt > LONG.toNanos()) {
      backoff.reset();
    }
    failed = true;
    if (!ended.ok()) {
      counts.failed(0);
      complain("has no stream, entries wait", ": " + ended);
    }
  }

  private void complain(String what, String why) {
    OtlpService service = to.service();
    String subject = "access log " + to.logName() + ": " + service.cluster() + " ";
    log.tell(
        service.cluster(),
        () -> subject + what + why,
        times -> subject + what + ", " + times + " times more" + why);
  }

  /** Waits until {@code done}, no longer than {@code limit} or until it is too late. */
  private boolean await(Duration limit, BooleanSupplier done) {
    long until = System.nanoTime() + limit.toNanos();
    while (!done.getAsBoolean()) {
      long now = System.nanoTime();
      long left = hurried ? Math.min(until - now, endBy - now) : until - now;
      if (left <= 0) {
        return false;
      }
      LockSupport.parkNanos(this, left);
    }
    return true;
  }

  private boolean late() {
    return hurried && endBy - System.nanoTime() <= 0;
  }

  @Override
  public void hurry(Duration limit) {
    endBy = System.nanoTime() + limit.toNanos();
    hurried = true;
    LockSupport.unpark(thread);
  }

  /** Waits for the receiver to say that it has all. */
  @Override
  public void end() {
    LogStream last = stream;
    if (last == null || last.ended() != null) {
      return;
    }
    try {
      last.finish();
      if (!await(to.service().timeout(), () -> last.ended() != null)) {
        last.cancel();
      }
    } catch (RejectedExecutionException e) {
      return; // the loops have ended
    }
  }
}
