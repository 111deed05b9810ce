package dev.weir.sidecar.member.names;

import dev.weir.sidecar.egress.NameQuestion;
import dev.weir.sidecar.intercept.Tables;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Names that the hosts file does not have: the member's name server, which asks those of the outer
 * network. It has ports of its own, to which the kernel brings what goes to {@link #ADDRESS}, so
 * that an app may have port 53. A virtual thread for each question, and one for each of the two
 * sockets; its life is the process's.
 */
public final class NameServer {
  /** What the member's resolv.conf has. */
  static final String ADDRESS = "127.0.0.53";

  private static final String TABLE = "inet weir_names";
  private static final int MOST_BYTES = 65_535;
  private static final int IDLE_MILLIS = 10_000;

  /** So many at once; of others those by UDP are lost, and those by TCP wait. */
  private static final int MOST = 256;

  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Path door;
  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private final Semaphore free = new Semaphore(MOST);

  private NameServer(Path door, DatagramSocket udp, ServerSocket tcp) {
    this.door = door;
    this.udp = udp;
    this.tcp = tcp;
  }

  /**
   * Serves in this network.
   *
   * @param door where the outer network's servers are asked
   * @return the port of its own at which it listens
   */
  public static int start(Path door) throws IOException, InterruptedException {
    NameServer server = open(door);
    Optional<String> problem =
        Tables.apply(script(server.udp.getLocalPort(), server.tcp.getLocalPort()));
    if (problem.isPresent()) {
      throw new IOException(problem.get());
    }
    return server.tcp.getLocalPort();
  }

  /** Serves at ports of its own. */
  static NameServer open(Path door) throws IOException {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    NameServer server =
        new NameServer(door, new DatagramSocket(0, loopback), new ServerSocket(0, 50, loopback));
    Thread.ofVirtual().name("names by UDP").start(server::serveUdp);
    Thread.ofVirtual().name("names by TCP").start(server::serveTcp);
    return server;
  }

  /** Before the redirect of TCP to the sidecar, which passes the loopback by. */
  static String script(int udp, int tcp) {
    return """
    table %s
    delete table %s
    table %s {
      chain output {
        type nat hook output priority -110; policy accept;
        ip daddr %s udp dport 53 redirect to :%d
        ip daddr %s tcp dport 53 redirect to :%d
      }
    }
    """
        .formatted(TABLE, TABLE, TABLE, ADDRESS, udp, ADDRESS, tcp);
  }

  SocketAddress udpAddress() {
    return udp.getLocalSocketAddress();
  }

  SocketAddress tcpAddress() {
    return tcp.getLocalSocketAddress();
  }

  void close() throws IOException {
    udp.close();
    tcp.close();
  }

  private void serveUdp() {
    DatagramPacket packet = new DatagramPacket(new byte[MOST_BYTES], MOST_BYTES);
    while (!udp.isClosed()) {
      if (received(packet)) {
        take(Arrays.copyOf(packet.getData(), packet.getLength()), packet.getSocketAddress());
      }
    }
  }

  /** What goes wrong is of one packet, or the end. */
  private boolean received(DatagramPacket packet) {
    try {
      packet.setLength(MOST_BYTES);
      udp.receive(packet);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void take(byte[] question, SocketAddress from) {
    if (NameQuestion.plausible(question) && free.tryAcquire()) {
      Thread.ofVirtual()
          .name("name")
          .start(() -> {
            try {
              answerByUdp(question, from);
            } finally {
              free.release();
            }
          });
    }
  }

  private void answerByUdp(byte[] question, SocketAddress to) {
    byte[] answer = NameQuestion.ask(door, NameQuestion.UDP, question);
    try {
      udp.send(new DatagramPacket(answer, answer.length, to));
    } catch (IOException e) {
      return; // who asked has gone
    }
  }

  private void serveTcp() {
    try {
      while (!tcp.isClosed()) {
        free.acquire();
        Socket one = accepted();
        if (one == null) {
          free.release();
          Thread.sleep(PAUSE); // out of descriptors most likely
          continue;
        }
        Thread.ofVirtual()
            .name("name")
            .start(() -> {
              try {
                answerByTcp(one);
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
  private @Nullable Socket accepted() {
    try {
      return tcp.accept();
    } catch (IOException e) {
      return null;
    }
  }

  /** Questions, one after the other, until the asking end has no more. */
  private void answerByTcp(Socket one) {
    try (one;
        DataInputStream in = new DataInputStream(one.getInputStream());
        DataOutputStream out = new DataOutputStream(one.getOutputStream())) {
      one.setSoTimeout(IDLE_MILLIS);
      while (true) {
        byte[] question = new byte[in.readUnsignedShort()];
        in.readFully(question);
        if (!NameQuestion.plausible(question)) {
          return;
        }
        byte[] answer = NameQuestion.ask(door, NameQuestion.TCP, question);
        byte[] framed = new byte[answer.length + 2];
        framed[0] = (byte) (answer.length >> 8);
        framed[1] = (byte) answer.length;
        System.arraycopy(answer, 0, framed, 2, answer.length);
        out.write(framed);
      }
    } catch (IOException e) {
      return; // the end
    }
  }
}
