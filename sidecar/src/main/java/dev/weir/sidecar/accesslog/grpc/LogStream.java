package dev.weir.sidecar.accesslog.grpc;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.client.GrpcStream;
import dev.weir.sidecar.config.OtlpService;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One stream to a receiver. Methods are for one thread, the queue's, which is woken when there is
 * news; they do not wait.
 */
final class LogStream implements GrpcStream.Listener {
  private static final String PATH =
      "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs";

  /** How it ended: the status of gRPC, and its message. */
  record Ended(int status, String text) {
    boolean ok() {
      return status == 0;
    }

    @Override
    public String toString() {
      return (text.isEmpty() ? "without a reason" : text) + " (" + status + ")";
    }
  }

  private final Thread thread = Thread.currentThread();
  private final GrpcStream stream;
  private boolean begun;
  private volatile boolean sent;
  private volatile @Nullable Ended ended;

  LogStream(AsyncClient client, OtlpService to) {
    stream = GrpcStream.open(client, to.cluster(), to.authority(), PATH, to.fields(), this);
    stream.request(1);
  }

  /** A message was given to it. */
  boolean begun() {
    return begun;
  }

  /** Sends one when the receiver takes it; the one before has been sent. */
  void send(byte[] message) {
    begun = true;
    sent = false;
    stream.sendInTurn(
        message,
        () -> {
          sent = true;
          LockSupport.unpark(thread);
        });
  }

  /** The message has gone to a connection. */
  boolean sent() {
    return sent;
  }

  /** Null: it has not. */
  @Nullable Ended ended() {
    return ended;
  }

  /** Nothing follows; the receiver is to end it too. */
  void finish() {
    stream.endRequest();
  }

  void cancel() {
    stream.cancel("the sidecar is stopping");
  }

  /** Envoy's service has nothing to say. */
  @Override
  public void onMessage(byte[] message) {
    stream.request(1);
  }

  @Override
  public void onClosed(int status, String message) {
    ended = new Ended(status, message);
    LockSupport.unpark(thread);
  }
}
