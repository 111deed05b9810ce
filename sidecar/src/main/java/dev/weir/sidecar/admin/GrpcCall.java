package dev.weir.sidecar.admin;

import com.google.protobuf.MessageLite;
import dev.weir.sidecar.http.Grpc;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.StreamEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call of gRPC: its requests are answered one after the other, each answer made elsewhere and
 * written as the client takes it. While one is made nothing is read. Event loop of the connection,
 * but for what says otherwise. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
final class GrpcCall extends AnsweredStream {
  static final int MOST_REQUEST_BYTES = 4 << 20;

  private static final int PREFIX = 5;
  private static final int PART_BYTES = 64 << 10;
  private static final int OK = 0;

  /** Of a status' message: clients bound what they take as trailers. */
  private static final int MOST_MESSAGE = 1 << 10;

  private final ServerConnection connection;
  private final StreamEncoder encoder;
  private final GrpcMethods methods;
  private final Semaphore answers;
  private final Patience patience;

  private GrpcMethods.Kind kind = GrpcMethods.Kind.UNKNOWN;
  private ByteBuf received = Unpooled.EMPTY_BUFFER;

  /** Of a unary call, until the client has said that it is all. */
  private byte @Nullable [] request;

  /** When what is waited for must have come. */
  private long due = Long.MAX_VALUE;

  /** It is a stream's next request that is waited for. */
  private boolean resting;

  private boolean receivedAll;
  private boolean answering;
  private boolean begun;

  /**
   * @param answers a permit for each answer that may be made and sent at once
   */
  GrpcCall(
      ServerConnection connection,
      StreamEncoder encoder,
      GrpcMethods methods,
      Semaphore answers,
      Patience patience) {
    super(new Parts(connection, encoder, patience.taken()));
    this.connection = connection;
    this.encoder = encoder;
    this.methods = methods;
    this.answers = answers;
    this.patience = patience;
  }

  @Override
  public void headers(Headers headers, boolean endStream) {
    kind = methods.kind(headers.path());
    String encoding = headers.value(HeaderName.CONTENT_TYPE);
    if (kind == GrpcMethods.Kind.UNKNOWN) {
      end(GrpcRefusal.UNIMPLEMENTED, "there is no method " + headers.path());
    } else if (encoding != null && encoding.startsWith("application/grpc+") && !isProto(encoding)) {
      end(GrpcRefusal.UNIMPLEMENTED, "messages are of protobuf, not " + encoding);
    } else {
      receivedAll = endStream;
      next();
    }
  }

  private static boolean isProto(String encoding) {
    return encoding.equals("application/grpc+proto")
        || encoding.startsWith("application/grpc+proto;");
  }

  @Override
  public void data(ByteBuf data, boolean endStream) {
    if (over) {
      data.release();
      return;
    }
    if (!received.isReadable()) {
      received = Unpooled.buffer(data.readableBytes());
    }
    received.writeBytes(data); // in a copy: read buffers are not kept
    data.release();
    receivedAll |= endStream;
    next();
  }

  @Override
  public void trailers(Headers trailers) {
    receivedAll = true;
    next();
  }

  /** Does what can be done with what has come. */
  private void next() {
    if (over || answering) {
      return;
    }
    try {
      byte[] message = message();
      if (message != null && kind == GrpcMethods.Kind.STREAM) {
        answer(message);
      } else if (message != null) {
        if (request != null) {
          throw new GrpcRefusal(GrpcRefusal.INTERNAL, "a unary call has one request");
        }
        request = message;
        next();
      } else if (!receivedAll) {
        await();
      } else if (received.isReadable()) {
        throw new GrpcRefusal(GrpcRefusal.INTERNAL, "the request ends within a message");
      } else if (kind == GrpcMethods.Kind.STREAM) {
        end(OK, "");
      } else if (request != null) {
        answer(request);
      } else {
        throw new GrpcRefusal(
            GrpcRefusal.INTERNAL, "a unary call has one request, and there is none");
      }
    } catch (GrpcRefusal e) {
      end(e.status(), e.message());
    }
  }

  /** The next whole message, or null. */
  private byte @Nullable [] message() throws GrpcRefusal {
    if (received.readableBytes() < PREFIX) {
      return null;
    }
    int start = received.readerIndex();
    int flags = received.getByte(start);
    long length = received.getUnsignedInt(start + 1);
    if (flags == 1) {
      throw new GrpcRefusal(
          GrpcRefusal.UNIMPLEMENTED, "compressed messages are not taken: grpc-encoding: identity");
    }
    if (flags != 0) {
      throw new GrpcRefusal(GrpcRefusal.INTERNAL, "a message with the flags " + flags);
    }
    if (length > MOST_REQUEST_BYTES) {
      throw new GrpcRefusal(
          GrpcRefusal.RESOURCE_EXHAUSTED,
          "a message of " + length + " bytes; " + MOST_REQUEST_BYTES + " are taken");
    }
    if (received.readableBytes() - PREFIX < length) {
      return null;
    }
    byte[] message = new byte[(int) length];
    received.skipBytes(PREFIX).readBytes(message);
    if (!received.isReadable()) {
      received = Unpooled.EMPTY_BUFFER;
    } else if (received.readerIndex() > received.readableBytes()) {
      received.discardReadBytes();
    }
    return message;
  }

  /** A stream may rest between its requests; what has begun is to go on. */
  private void await() {
    boolean rests = kind == GrpcMethods.Kind.STREAM && !received.isReadable();
    if (rests || resting || due == Long.MAX_VALUE) {
      resting = rests;
      long limit = (rests ? patience.idle() : patience.begun()).toNanos();
      due = connection.loop().nanoTime() + limit;
      connection.wakeAt(due);
    }
  }

  private void answer(byte[] message) {
    answering = true;
    due = Long.MAX_VALUE;
    encoder.readDisable(true);
    Thread.startVirtualThread(() -> {
      try {
        make(message);
      } catch (RejectedExecutionException e) {
        parts.leave(); // the sidecar ends
      } catch (GrpcRefusal e) {
        parts.onLoop(() -> end(e.status(), e.message()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        parts.onLoop(() -> end(GrpcRefusal.UNAVAILABLE, "interrupted"));
      } catch (Throwable mistake) {
        connection.loop().incidents().report("an admin call", mistake);
        parts.onLoop(() -> end(GrpcRefusal.INTERNAL, "internal error: " + mistake));
      }
    });
  }

  /** The thread of the answer. */
  private void make(byte[] message) throws GrpcRefusal, InterruptedException, IOException {
    if (!answers.tryAcquire(patience.begun().toNanos(), TimeUnit.NANOSECONDS)) {
      throw new GrpcRefusal(GrpcRefusal.UNAVAILABLE, "others are being answered; ask again");
    }
    try {
      if (parts.left()) {
        return;
      }
      MessageLite answer = methods.answer(message);
      parts.onLoop(this::begin);
      MessageParts out = new MessageParts(parts, PART_BYTES);
      out.write(answer);
    } finally {
      answers.release();
    }
    parts.onLoop(this::answered);
  }

  private void begin() {
    if (!over && !begun) {
      begun = true;
      encoder.headers(head(), false);
    }
  }

  private static Headers head() {
    Headers head = Headers.response(200);
    head.add(HeaderName.CONTENT_TYPE, "application/grpc");
    head.add("grpc-accept-encoding", "identity");
    return head;
  }

  private void answered() {
    if (over) {
      return;
    }
    if (kind == GrpcMethods.Kind.UNARY) {
      end(OK, "");
      return;
    }
    answering = false;
    encoder.readDisable(false);
    next();
  }

  private void end(int status, String message) {
    if (over) {
      return;
    }
    over = true;
    received = Unpooled.EMPTY_BUFFER;
    parts.leave();
    Headers last = begun ? Headers.empty() : head();
    last.add(HeaderName.GRPC_STATUS, status);
    if (!message.isEmpty()) {
      last.add(HeaderName.GRPC_MESSAGE, Grpc.percentEncoded(cut(message)));
    }
    if (begun) {
      encoder.trailers(last);
    } else {
      encoder.headers(last, true);
    }
  }

  private static String cut(String message) {
    return message.length() <= MOST_MESSAGE ? message : message.substring(0, MOST_MESSAGE);
  }

  @Override
  void leave() {
    super.leave();
    received = Unpooled.EMPTY_BUFFER;
  }

  @Override
  public long deadline(long now) {
    long next = parts.deadline(now);
    over |= parts.left(); // it has given the client up
    if (over || due == Long.MAX_VALUE) {
      return next;
    }
    if (now - due < 0) {
      return Math.min(due, next);
    }
    end(GrpcRefusal.DEADLINE_EXCEEDED, "the request does not go on");
    return Long.MAX_VALUE;
  }
}
