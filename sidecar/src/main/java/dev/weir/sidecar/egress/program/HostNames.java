package dev.weir.sidecar.egress.program;

import dev.weir.sidecar.egress.NameQuestion;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks this network's name servers, in the order of its resolv.conf, for whoever connects to a Unix
 * socket. A connection is a question: a byte, {@link NameQuestion#UDP} or {@link NameQuestion#TCP},
 * and the message as it goes by TCP, its length before it. The answer comes the same way; where no
 * server answers it says so (SERVFAIL), within {@code patience}. A virtual thread each.
 */
final class HostNames implements AutoCloseable {
  /** So many at once; others wait. */
  private static final int MOST = 256;

  private static final Duration PAUSE = Duration.ofMillis(100);

  private static final int MOST_BYTES = 65_535;

  private final ServerSocketChannel server;
  private final Supplier<List<InetSocketAddress>> servers;
  private final Duration patience;
  private final Semaphore free = new Semaphore(MOST);

  private HostNames(
      ServerSocketChannel server, Supplier<List<InetSocketAddress>> servers, Duration patience) {
    this.server = server;
    this.servers = servers;
    this.patience = patience;
  }

  /**
   * Until it is closed; a file that is there already is one that nobody listens at.
   *
   * @param servers asked in turn; looked at for each question
   * @param patience with all of them together
   */
  static HostNames open(Path file, Supplier<List<InetSocketAddress>> servers, Duration patience)
      throws IOException {
    Files.deleteIfExists(file);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(file));
    HostNames names = new HostNames(server, servers, patience);
    Thread.ofVirtual().name("names").start(names::accept);
    return names;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  private void accept() {
    try {
      while (server.isOpen()) {
        free.acquire();
        SocketChannel one = accepted();
        if (one == null) {
          free.release();
          Thread.sleep(PAUSE); // out of descriptors most likely
          continue;
        }
        Thread.ofVirtual()
            .name("name")
            .start(() -> {
              try {
                answer(one);
              } finally {
                free.release();
              }
            });
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Null when there is none to be had, now or any more. */
  private @Nullable SocketChannel accepted() {
    try {
      return server.accept();
    } catch (IOException e) {
      return null;
    }
  }

  private void answer(SocketChannel one) {
    try (one;
        DataInputStream in = new DataInputStream(Channels.newInputStream(one));
        DataOutputStream out = new DataOutputStream(Channels.newOutputStream(one))) {
      byte transport = in.readByte();
      byte[] question = new byte[in.readUnsignedShort()];
      in.readFully(question);
      byte[] answer = ask(transport, question);
      out.writeShort(answer.length);
      out.write(answer);
    } catch (IOException e) {
      return; // who asked has gone
    }
  }

  private byte[] ask(byte transport, byte[] question) {
    List<InetSocketAddress> asked = servers.get();
    for (InetSocketAddress one : asked) {
      int millis = (int) patience.dividedBy(asked.size()).toMillis();
      Optional<byte[]> answer = ask(one, transport, question, millis);
      if (answer.isPresent()) {
        return answer.get();
      }
    }
    return NameQuestion.failed(question);
  }

  /** None if the next one is to be asked. */
  private static Optional<byte[]> ask(
      InetSocketAddress one, byte transport, byte[] question, int millis) {
    try {
      return Optional.of(
          transport == NameQuestion.UDP
              ? byUdp(one, question, millis)
              : byTcp(one, question, millis));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static byte[] byUdp(InetSocketAddress server, byte[] question, int millis)
      throws IOException {
    long until = System.nanoTime() + Duration.ofMillis(millis).toNanos();
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(server); // others' answers are none, and who is not there is told at once
      socket.send(new DatagramPacket(question, question.length));
      DatagramPacket packet = new DatagramPacket(new byte[MOST_BYTES], MOST_BYTES);
      while (true) {
        long left = Duration.ofNanos(until - System.nanoTime()).toMillis();
        if (left <= 0) {
          throw new SocketTimeoutException();
        }
        socket.setSoTimeout((int) left);
        packet.setLength(MOST_BYTES);
        socket.receive(packet);
        byte[] answer = Arrays.copyOf(packet.getData(), packet.getLength());
        if (NameQuestion.answers(question, answer)) {
          return answer;
        }
      }
    }
  }

  private static byte[] byTcp(InetSocketAddress server, byte[] question, int millis)
      throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(server, millis);
      socket.setSoTimeout(millis);
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      byte[] framed = new byte[question.length + 2];
      framed[0] = (byte) (question.length >> 8);
      framed[1] = (byte) question.length;
      System.arraycopy(question, 0, framed, 2, question.length);
      out.write(framed);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readUnsignedShort()];
      in.readFully(answer);
      return answer;
    }
  }
}
