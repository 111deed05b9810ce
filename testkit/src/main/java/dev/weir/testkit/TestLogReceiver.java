package dev.weir.testkit;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.data.accesslog.v3.TCPAccessLogEntry;
import io.envoyproxy.envoy.service.accesslog.v3.AccessLogServiceGrpc;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsResponse;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes access logs over gRPC, as Envoy's access log service. It can be told to end streams, to
 * refuse them, and to read nothing.
 */
public final class TestLogReceiver implements AutoCloseable {
  /** What it does with a stream that begins. */
  public enum Mood {
    TAKES,

    /** Ends each behind its first message, which it has taken. */
    ENDS,

    /** Does not want it. */
    REFUSES,

    /** Never reads. */
    SILENT
  }

  /** One message, and of which stream it is, from 1 on. */
  public record Received(int stream, StreamAccessLogsMessage message) {}

  private static final Metadata.Key<String> TENANT =
      Metadata.Key.of("x-tenant", Metadata.ASCII_STRING_MARSHALLER);

  private final Server server;
  private final int port;
  private final AtomicInteger streams = new AtomicInteger();
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final List<String> tenants = new CopyOnWriteArrayList<>();
  private final List<StreamObserver<StreamAccessLogsResponse>> open = new CopyOnWriteArrayList<>();
  private volatile Mood mood = Mood.TAKES;

  public TestLogReceiver() throws IOException {
    this(0);
  }

  /** At a port of one's own, as a {@link ClosedPort} has. */
  public TestLogReceiver(int at) throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), at))
            .addService(new Service())
            .intercept(new Tenants())
            .build()
            .start();
    port = server.getPort();
  }

  public int port() {
    return port;
  }

  /** Of streams that begin from now on. */
  public void mood(Mood next) {
    mood = next;
  }

  /** How many have begun. */
  public int streams() {
    return streams.get();
  }

  /** What each stream had as {@code x-tenant}; empty for nothing. */
  public List<String> tenants() {
    return List.copyOf(tenants);
  }

  public List<Received> messages() {
    return List.copyOf(received);
  }

  /** The log's name and the node as the first message of the first stream says it. */
  public String logName() {
    return received.getFirst().message().getIdentifier().getLogName();
  }

  public Node node() {
    return received.getFirst().message().getIdentifier().getNode();
  }

  /** All of HTTP so far. */
  public List<HTTPAccessLogEntry> http() {
    return received.stream()
        .flatMap(each -> each.message().getHttpLogs().getLogEntryList().stream())
        .toList();
  }

  /** All of TCP so far. */
  public List<TCPAccessLogEntry> tcp() {
    return received.stream()
        .flatMap(each -> each.message().getTcpLogs().getLogEntryList().stream())
        .toList();
  }

  /** All of HTTP, when there are as many. */
  public List<HTTPAccessLogEntry> awaitHttp(int count) {
    Await.until(() -> http().size() >= count, () -> "of " + count + " came " + http().size());
    return http();
  }

  /** All of TCP, when there are as many. */
  public List<TCPAccessLogEntry> awaitTcp(int count) {
    Await.until(() -> tcp().size() >= count, () -> "of " + count + " came " + tcp().size());
    return tcp();
  }

  /** Breaks the streams that are open. */
  public void breakStreams() {
    open.forEach(each -> each.onError(Status.UNAVAILABLE.withDescription("gone").asException()));
    open.clear();
  }

  private final class Service extends AccessLogServiceGrpc.AccessLogServiceImplBase {
    @Override
    public StreamObserver<StreamAccessLogsMessage> streamAccessLogs(
        StreamObserver<StreamAccessLogsResponse> answer) {
      open.add(answer);
      int number = streams.incrementAndGet();
      Mood of = mood;
      if (of == Mood.REFUSES) {
        answer.onError(Status.PERMISSION_DENIED.withDescription("not you").asException());
      }
      if (of == Mood.SILENT) {
        ((ServerCallStreamObserver<StreamAccessLogsResponse>) answer).disableAutoRequest();
      }
      return new StreamObserver<>() {
        @Override
        public void onNext(StreamAccessLogsMessage message) {
          if (of == Mood.REFUSES) {
            return;
          }
          received.add(new Received(number, message));
          if (of == Mood.ENDS) {
            end();
          }
        }

        @Override
        public void onError(Throwable cause) {
          open.remove(answer);
        }

        @Override
        public void onCompleted() {
          if (of != Mood.REFUSES) {
            end();
          }
        }

        private void end() {
          if (open.remove(answer)) {
            answer.onNext(StreamAccessLogsResponse.getDefaultInstance());
            answer.onCompleted();
          }
        }
      };
    }
  }

  private final class Tenants implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata metadata, ServerCallHandler<Q, A> next) {
      String tenant = metadata.get(TENANT);
      tenants.add(tenant == null ? "" : tenant);
      return next.startCall(call, metadata);
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
