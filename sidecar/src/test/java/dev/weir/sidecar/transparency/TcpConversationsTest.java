package dev.weir.sidecar.transparency;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.transparency.ScriptedApp.Peer;
import dev.weir.sidecar.transparency.ScriptedApp.Script;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes that are no HTTP, directly and through two relays: what both ends note is the same. */
class TcpConversationsTest {
  record Conversation(String name, Script app, Http1ConversationsTest.Client client) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final String LARGE = "0123456789abcdef".repeat(256 << 10);

  private static ScriptedApp app;
  private static TwoRelays relays;

  @BeforeAll
  static void start() throws IOException {
    app = new ScriptedApp();
    relays = new TwoRelays(app.port());
  }

  @AfterAll
  static void stop() throws IOException {
    relays.close();
    app.close();
  }

  static Stream<Conversation> conversations() {
    return Stream.of(
        new Conversation(
            "turns",
            client -> {
              for (int i = 0; i < 5; i++) {
                client.send(client.reader().line() + "!\n");
              }
            },
            (server, notes) -> {
              for (int i = 0; i < 5; i++) {
                notes.add(String.valueOf(server.send("a" + i + "\n").reader().line()));
              }
            }),
        new Conversation(
            "the server speaks first",
            client -> client.send("220 ready\n").send(client.reader().line() + "\n"),
            (server, notes) -> {
              notes.add(String.valueOf(server.reader().line()));
              notes.add(String.valueOf(server.send("HELO\n").reader().line()));
            }),
        new Conversation(
            "a client that has said all still gets its answer",
            client -> client.send(all(client).length() + " bytes\n"),
            (server, notes) -> {
              server.send("hello");
              server.socket().shutdownOutput();
              notes.add(all(server));
            }),
        new Conversation(
            "a server that has said all still hears",
            client -> {
              client.send("done");
              client.socket().shutdownOutput();
              HEARD.add(all(client));
            },
            (server, notes) -> {
              notes.add(all(server));
              server.send("late");
              server.socket().shutdownOutput();
              notes.add(String.valueOf(HEARD.poll(5, java.util.concurrent.TimeUnit.SECONDS)));
            }),
        new Conversation(
            "four megabytes there and back",
            client -> client.send(all(client)),
            (server, notes) -> {
              Thread reading =
                  Thread.ofVirtual()
                      .start(() -> {
                        try {
                          server.send(LARGE);
                          server.socket().shutdownOutput();
                        } catch (IOException e) {
                          // what comes back says so
                        }
                      });
              notes.add(all(server).equals(LARGE));
              reading.join();
            }),
        new Conversation(
            "all bytes",
            client -> client.send(all(client)),
            (server, notes) -> {
              StringBuilder bytes = new StringBuilder();
              for (int b = 0; b < 256; b++) {
                bytes.append((char) b);
              }
              server.send(bytes.toString());
              server.socket().shutdownOutput();
              notes.add(all(server));
            }),
        new Conversation(
            "what looks like HTTP and is none",
            client -> client.send(client.reader().line() + "\n"),
            (server, notes) ->
                notes.add(String.valueOf(server.send("GET key HTTP/9\n").reader().line()))),
        new Conversation(
            "a server that dies is not one that has said all",
            client -> {
              client.send(client.reader().line() + "\n");
              client.reader().line();
              client.reset();
            },
            (server, notes) -> {
              notes.add(String.valueOf(server.send("a\n").reader().line()));
              notes.add(end(server.send("die\n")));
            }),
        new Conversation(
            "a client that dies is not one that has said all",
            client -> {
              client.send(client.reader().line() + "\n");
              HEARD.add(end(client));
            },
            (server, notes) -> {
              notes.add(String.valueOf(server.send("a\n").reader().line()));
              server.reset();
              notes.add(String.valueOf(HEARD.poll(5, java.util.concurrent.TimeUnit.SECONDS)));
            }),
        new Conversation(
            "a server that closes at once",
            client -> {},
            (server, notes) -> notes.add(all(server))));
  }

  private static final java.util.concurrent.BlockingQueue<String> HEARD =
      new java.util.concurrent.LinkedBlockingQueue<>();

  /** How the other side ends. */
  private static String end(Peer peer) throws IOException {
    try {
      return "end of " + all(peer).length();
    } catch (SocketException reset) {
      return "reset";
    }
  }

  /** All until the other side's end. */
  private static String all(Peer peer) throws IOException {
    return new String(peer.reader().rest(), StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("conversations")
  void goesTheSameWay(Conversation conversation) throws Exception {
    assertEquals(notes(conversation, app.port()), notes(conversation, relays.port()));
  }

  private static List<Object> notes(Conversation conversation, int port) throws Exception {
    app.script(conversation.app());
    HEARD.clear();
    List<Object> notes = new ArrayList<>();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      conversation.client().talk(Peer.of(socket), notes);
    }
    return notes;
  }
}
