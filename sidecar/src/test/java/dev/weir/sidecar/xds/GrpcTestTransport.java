package dev.weir.sidecar.xds;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The client's transport over grpc-java, for tests of what is above it. */
public final class GrpcTestTransport implements GrpcTransport, AutoCloseable {
  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private final ManagedChannel channel;

  public GrpcTestTransport(int port) {
    channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .usePlaintext()
            .build();
  }

  @Override
  public Call open(String path, Listener listener) {
    MethodDescriptor<byte[], byte[]> method =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
            .setFullMethodName(path.substring(1))
            .setRequestMarshaller(BYTES)
            .setResponseMarshaller(BYTES)
            .build();
    ClientCall<byte[], byte[]> call = channel.newCall(method, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            listener.onMessage(message);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            listener.onClosed(status.getCode().value(), String.valueOf(status.getDescription()));
          }
        },
        new Metadata());
    return new Call() {
      @Override
      public void send(byte[] message) {
        call.sendMessage(message);
      }

      @Override
      public void request(int messages) {
        call.request(messages);
      }

      @Override
      public void cancel(String why) {
        call.cancel(why, null);
      }
    };
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
