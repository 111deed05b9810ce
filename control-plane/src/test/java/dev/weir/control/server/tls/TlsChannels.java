package dev.weir.control.server.tls;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Channels of grpc-java to a control plane that has proved to be one; they end with this. */
public final class TlsChannels implements AutoCloseable {
  private final List<ManagedChannel> open = new ArrayList<>();

  /** One that trusts {@code root}, a file in PEM, with what {@code own} adds to its TLS. */
  public ManagedChannel open(
      InetSocketAddress at,
      Path root,
      Consumer<SslContextBuilder> own,
      ClientInterceptor... interceptors) {
    SslContextBuilder tls =
        GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
            .trustManager(root.toFile());
    own.accept(tls);
    try {
      return add(
          NettyChannelBuilder.forAddress(at)
              .overrideAuthority("localhost")
              .sslContext(tls.build())
              .intercept(interceptors)
              .build());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** One whose calls prove who it is by a token. */
  public ManagedChannel open(InetSocketAddress at, Path root, String token) {
    return open(at, root, tls -> {}, bearer(token));
  }

  public static ClientInterceptor bearer(String token) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  /** One that was made elsewhere. */
  public ManagedChannel add(ManagedChannel channel) {
    open.add(channel);
    return channel;
  }

  public ManagedChannel first() {
    return open.getFirst();
  }

  @Override
  public void close() throws InterruptedException {
    for (ManagedChannel channel : open) {
      channel.shutdownNow();
      assertTrue(channel.awaitTermination(20, TimeUnit.SECONDS));
    }
  }
}
