package dev.weir.sidecar.transport;

import dev.weir.testkit.TestCa;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A server of a version or of ciphers that the JDK has out of use: by BoringSSL, on a thread. */
final class BoringServer implements AutoCloseable {
  private final ServerSocket socket;
  private final SslContext context;

  private BoringServer(SslContext context) throws IOException {
    this.context = context;
    this.socket = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().start(this::accept);
  }

  /**
   * @param ciphers of TLS 1.2 and before
   */
  static BoringServer start(TestCa.Issued own, String version, String... ciphers)
      throws IOException {
    return new BoringServer(
        SslContextBuilder.forServer(own.chain().toFile(), own.key().toFile())
            .sslProvider(SslProvider.OPENSSL)
            .protocols(version)
            .ciphers(List.of(ciphers))
            .build());
  }

  int port() {
    return socket.getLocalPort();
  }

  private void accept() {
    try (socket) {
      while (true) {
        try (Socket connection = socket.accept()) {
          serve(connection);
        }
      }
    } catch (IOException e) {
      ReferenceCountUtil.release(context); // closed
    }
  }

  private void serve(Socket connection) throws IOException {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.pipeline().addLast(new SslHandler(context.newEngine(channel.alloc())));
    byte[] bytes = new byte[16384];
    try {
      int read = connection.getInputStream().read(bytes);
      while (read >= 0) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, 0, read));
        ByteBuf request = channel.readInbound();
        if (request != null) {
          request.release();
          channel.writeOutbound(
              Unpooled.copiedBuffer(
                  "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", StandardCharsets.US_ASCII));
        }
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
          out.readBytes(connection.getOutputStream(), out.readableBytes());
          out.release();
        }
        read = connection.getInputStream().read(bytes);
      }
    } catch (Exception e) {
      // the handshake has failed
    } finally {
      channel.finishAndReleaseAll();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
