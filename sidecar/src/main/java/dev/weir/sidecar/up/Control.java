package dev.weir.sidecar.up;

import dev.weir.cli.Durations;
import dev.weir.protos.Nearest;
import dev.weir.sidecar.relay.SocketPath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Where the other commands ask: a Unix socket. A line is what they want, the answer is {@code 0} or
 * {@code 1} and lines for people. Until there is one, empty lines say that it will come.
 */
final class Control implements AutoCloseable {
  private static final int LONGEST = 1024;
  private static final int SIGN_OF_LIFE_MILLIS = 1000;

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final ServerSocketChannel server;
  private final Up up;
  private final Duration patience;
  private final ExecutorService answers =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("control").factory());

  private Control(ServerSocketChannel server, Up up, Duration patience) {
    this.server = server;
    this.up = up;
    this.patience = patience;
  }

  /** What was asked, and what there is to say to it. */
  record Answer(int status, List<String> lines) {
    Answer {
      lines = List.copyOf(lines);
    }
  }

  static Control start(Path file, Up up) throws IOException {
    return start(file, up, PATIENCE);
  }

  /**
   * @param patience for how long {@link #close} waits for answers
   */
  static Control start(Path file, Up up, Duration patience) throws IOException {
    UnixDomainSocketAddress address = SocketPath.address(file);
    Files.deleteIfExists(file);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(address);
    Control control = new Control(server, up, patience);
    Thread.ofVirtual().name("control").start(control::serve);
    return control;
  }

  private void serve() {
    while (server.isOpen()) {
      try {
        SocketChannel asker = server.accept();
        answers.execute(() -> answer(asker));
      } catch (IOException | RejectedExecutionException e) {
        return; // it is closed
      }
    }
  }

  private void answer(SocketChannel asker) {
    try (asker) {
      String line = line(Channels.newInputStream(asker));
      CountDownLatch answered = new CountDownLatch(1);
      Thread life = Thread.ofVirtual().name("control").start(() -> live(asker, answered));
      Answer answer;
      try {
        answer = answer(line.split(" ", 2));
      } finally {
        answered.countDown();
        life.join();
      }
      StringBuilder text = new StringBuilder().append(answer.status()).append('\n');
      answer.lines().forEach(each -> text.append(each).append('\n'));
      asker.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      return; // who asked is gone
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void live(SocketChannel asker, CountDownLatch answered) {
    try {
      while (!answered.await(SIGN_OF_LIFE_MILLIS, TimeUnit.MILLISECONDS)) {
        asker.write(ByteBuffer.wrap(new byte[] {'\n'}));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      return; // who asked is gone
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n' && line.length() < LONGEST; ) {
      line.append((char) next);
      next = in.read();
    }
    return line.toString();
  }

  private Answer unknown(String name) {
    String there = String.join(", ", up.services());
    return new Answer(
        1,
        List.of(
            "there is no service "
                + name
                + Nearest.hint(name, up.services())
                + "; there are: "
                + there));
  }

  private Answer answer(String[] words) throws InterruptedException {
    String name = words.length < 2 ? "" : words[1];
    return switch (words[0]) {
      case "ps" -> new Answer(0, up.table());
      case "down" -> new Answer(0, up.stop());
      case "known" -> up.isKnown(name) ? new Answer(0, List.of()) : unknown(name);
      case "restart" ->
          up.restart(name)
              .map(restarted -> new Answer(restarted.all() ? 0 : 1, restarted.said()))
              .orElseGet(() -> unknown(name));
      default -> new Answer(1, List.of("\"" + words[0] + "\" is not known here"));
    };
  }

  /** Nobody answers, though somebody is there. */
  static final class Silence extends IOException {
    private static final long serialVersionUID = 1;

    Silence(Duration silence) {
      super("there is no answer for " + Durations.text(silence));
    }
  }

  /**
   * @param silence how long no sign of life may come
   * @throws Silence if none came for that long
   * @throws IOException if nobody is there
   */
  static Answer ask(Path file, String what, Duration silence) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(file));
        Selector selector = Selector.open()) {
      channel.write(ByteBuffer.wrap((what + "\n").getBytes(StandardCharsets.UTF_8)));
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(LONGEST);
      while (channel.read(buffer.clear()) >= 0) {
        said.write(buffer.array(), 0, buffer.position());
        if (buffer.position() == 0 && selector.select(silence.toMillis()) == 0) {
          throw new Silence(silence);
        }
        selector.selectedKeys().clear();
      }
      List<String> lines =
          said.toString(StandardCharsets.UTF_8).lines().dropWhile(String::isEmpty).toList();
      return lines.isEmpty()
          ? new Answer(1, List.of("it ended meanwhile"))
          : new Answer(Integer.parseInt(lines.getFirst()), lines.subList(1, lines.size()));
    }
  }

  /** Nobody is heard any more; who was is answered before this returns. */
  @Override
  public void close() throws IOException {
    server.close();
    answers.shutdown();
    try {
      if (!answers.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        answers.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
