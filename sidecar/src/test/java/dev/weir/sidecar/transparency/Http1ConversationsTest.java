package dev.weir.sidecar.transparency;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.transparency.ScriptedApp.Peer;
import dev.weir.sidecar.transparency.ScriptedApp.Script;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What takes turns, or ends before its time, directly and through two sidecars: what the client
 * notes down is the same.
 */
class Http1ConversationsTest {
  /** What a client does and notes down. */
  interface Client {
    void talk(Peer server, List<Object> notes) throws Exception;
  }

  record Conversation(String name, Script app, Client client) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final String GET = "GET /%s HTTP/1.1\r\nHost: app\r\n\r\n";
  private static final String POST = "POST / HTTP/1.1\r\nHost: app\r\n";
  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";

  private static ScriptedApp app;
  private static TwoSidecars sidecars;

  @BeforeAll
  static void start() throws IOException {
    app = new ScriptedApp();
    sidecars = new TwoSidecars(app.port());
  }

  @AfterAll
  static void stop() throws IOException {
    sidecars.close();
    app.close();
  }

  static Stream<Conversation> conversations() {
    return Stream.of(
        new Conversation(
            "one connection, several requests",
            echo(),
            (server, notes) -> {
              for (int i = 0; i < 5; i++) {
                notes.add(server.send(GET.formatted(i)).reader().response(false).body());
              }
            }),
        new Conversation(
            "requests in a pipeline are answered in order",
            echo(),
            (server, notes) -> {
              server.send(
                  GET.formatted(1) + POST + "Content-Length: 2\r\n\r\nab" + GET.formatted(3));
              for (int i = 0; i < 3; i++) {
                notes.add(server.reader().response(false).body());
              }
            }),
        new Conversation(
            "a request in single bytes",
            echo(),
            (server, notes) -> {
              for (char c : (POST + "Content-Length: 3\r\n\r\nabc").toCharArray()) {
                server.send(String.valueOf(c));
              }
              notes.add(server.reader().response(false).body());
            }),
        new Conversation(
            "HTTP/1.0 keeps its connection if both say so",
            echo(),
            (server, notes) -> {
              for (int i = 0; i < 3; i++) {
                server.send("GET /" + i + " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
                notes.add(server.reader().response(false).body());
              }
            }),
        new Conversation(
            "a client that closes after its answer",
            echo(),
            (server, notes) -> {
              server.send("GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n");
              notes.add(server.reader().response(false).body());
              notes.add(isOver(server));
            }),
        new Conversation(
            "100-continue, then a body",
            client -> {
              client.send("HTTP/1.1 100 Continue\r\n\r\n");
              Message request = client.reader().request().orElseThrow();
              client.send(sized(request.body()));
              client.reader().request();
            },
            (server, notes) -> {
              server.send(POST + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
              notes.add(server.reader().response(false).status());
              notes.add(server.send("abc").reader().response(false).body());
            }),
        new Conversation(
            "server-sent events arrive one by one",
            client -> {
              client.reader().request();
              client.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
              for (int i = 0; i < 3; i++) {
                client.send("data: " + i + "\n\n");
                turn();
              }
            },
            (server, notes) -> {
              server.send(GET.formatted("events"));
              for (int i = 0; i < 3; i++) {
                notes.add(lineWith(server, "data: "));
                TURNS.add(true);
              }
            }),
        new Conversation(
            "long polling: a head, and nothing for a while",
            client -> {
              client.reader().request();
              client.send("HTTP/1.1 200 OK\r\n" + CHUNKED);
              turn();
              client.send("2\r\nok\r\n0\r\n\r\n");
              turn();
            },
            (server, notes) -> {
              server.send(GET.formatted("poll"));
              notes.add(server.reader().head().orElseThrow().status());
              TURNS.add(true);
              notes.add(lineWith(server, "ok"));
              TURNS.add(true);
            }),
        new Conversation(
            "a response before the body has ended",
            client -> {
              client.reader().head();
              client.send(sized("early"));
              client.reader().request();
            },
            (server, notes) -> {
              server.send(POST + "Content-Length: 1000000\r\n\r\nabc");
              notes.add(server.reader().response(false).body());
            }),
        new Conversation(
            "body and response in turns",
            client -> {
              client.reader().head();
              client.send("HTTP/1.1 200 OK\r\n" + CHUNKED);
              for (int i = 0; i < 3; i++) {
                client.send("1\r\n" + client.reader().line() + "\r\n");
              }
              client.send("0\r\n\r\n");
            },
            (server, notes) -> {
              server.send(POST + "Content-Length: 6\r\n\r\n");
              notes.add(server.reader().head().orElseThrow().status());
              for (String part : List.of("a", "b", "c")) {
                server.send(part + "\n");
                notes.add(lineWith(server, part));
              }
            }),
        new Conversation(
            "an app that dies in the middle of a body",
            dying("Content-Length: 10\r\n\r\nhello\n"),
            Http1ConversationsTest::untilDeath),
        new Conversation(
            "an app that dies in the middle of chunks",
            dying(CHUNKED + "6\r\nhello\n\r\n"),
            Http1ConversationsTest::untilDeath),
        new Conversation(
            "an app that dies in a body that would end with its connection",
            dying("\r\nhello\n"),
            Http1ConversationsTest::untilDeath),
        new Conversation(
            "an app that dies in the middle of a response's head",
            client -> {
              client.reader().request();
              client.send("HTTP/1.1 200 OK\r\nX-A");
            },
            (server, notes) -> {
              Message answer;
              try {
                answer = server.send(GET.formatted("x")).reader().response(false);
              } catch (IOException e) {
                notes.add("no answer");
                return;
              }
              // The sidecar says in HTTP what a broken connection says without it.
              notes.add(answer.status() == 503 ? "no answer" : answer);
            }),
        new Conversation(
            "a client that leaves before its answer",
            client -> {
              client.reader().request();
              TURNS.add(true);
              LEFT.add(isOver(client));
            },
            (server, notes) -> {
              server.send(GET.formatted("slow"));
              turn();
              server.socket().close();
              notes.add(LEFT.poll(5, TimeUnit.SECONDS));
            }),
        new Conversation(
            "a client that leaves in the middle of its body",
            client -> {
              client.reader().head();
              TURNS.add(true);
              LEFT.add(isOver(client));
            },
            (server, notes) -> {
              server.send(POST + "Content-Length: 10\r\n\r\nhello");
              turn();
              server.socket().close();
              notes.add(LEFT.poll(5, TimeUnit.SECONDS));
            }));
  }

  private static final BlockingQueue<Boolean> LEFT = new LinkedBlockingQueue<>();
  private static final BlockingQueue<Boolean> TURNS = new LinkedBlockingQueue<>();

  /** Waits until the other side has seen what was sent. */
  static void turn() throws Exception {
    if (TURNS.poll(5, TimeUnit.SECONDS) == null) {
      throw new IOException("the other side has not seen it within 5 s");
    }
  }

  private static Script dying(String rest) {
    return client -> {
      client.reader().request();
      client.send("HTTP/1.1 200 OK\r\n" + rest);
      turn();
      client.reset();
    };
  }

  private static void untilDeath(Peer server, List<Object> notes) throws IOException {
    server.send(GET.formatted("x"));
    Message head = server.reader().head().orElseThrow();
    notes.add(lineWith(server, "hello"));
    TURNS.add(true);
    boolean chunked = !head.field("transfer-encoding").isEmpty();
    try {
      String line = server.reader().line();
      while (line != null && !line.equals("0")) {
        line = server.reader().line();
      }
      notes.add(line != null || !chunked && head.field("content-length").isEmpty());
    } catch (SocketException reset) {
      notes.add(false);
    }
  }

  /**
   * The next line that has {@code text}: chunk sizes, which may be there or not, are passed over.
   */
  private static String lineWith(Peer peer, String text) throws IOException {
    String line = peer.reader().line();
    while (line != null && !line.contains(text)) {
      line = peer.reader().line();
    }
    return String.valueOf(line);
  }

  /** Each request's line and body come back. */
  private static Script echo() {
    return ScriptedApp.answering((request, client) -> {
      client.send(sized(request.start().split(" ")[1] + request.body()));
      return !request.field("connection").equals("close");
    });
  }

  private static String sized(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  /** What its head says, without what framing and each hop add. */
  private static String upgraded(Peer server) throws IOException {
    Message head = server.reader().head().orElseThrow();
    return head.status()
        + " "
        + head.field("upgrade")
        + " "
        + head.field("connection").toLowerCase(Locale.ROOT)
        + " "
        + head.field("sec-websocket-accept");
  }

  /** Takes the upgrade that is asked for, and goes on as {@code then} says. */
  private static Script upgrading(Script then) {
    return client -> {
      Message request = client.reader().head().orElseThrow();
      client.send(
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "
              + request.field("upgrade")
              + "\r\nSec-WebSocket-Accept: "
              + request.field("sec-websocket-key")
              + "\r\n\r\n");
      then.serve(client);
    };
  }

  private static String asking(String protocol) {
    return "GET /chat HTTP/1.1\r\nHost: app\r\nConnection: Upgrade\r\nUpgrade: "
        + protocol
        + "\r\nSec-WebSocket-Key: abc=\r\nSec-WebSocket-Version: 13\r\n\r\n";
  }

  /** Lines come back until there are no more. */
  private static final Script LINES =
      client -> {
        for (String line = client.reader().line(); line != null; line = client.reader().line()) {
          client.send(line + "!\n");
        }
        client.send("over\n");
      };

  private static Conversation upgrade(String protocol) {
    return new Conversation(
        "an upgrade to " + protocol,
        upgrading(LINES),
        (server, notes) -> {
          notes.add(upgraded(server.send(asking(protocol))));
          notes.add(String.valueOf(server.send("a\n").reader().line()));
          notes.add(String.valueOf(server.send("\0\u00ff GET / HTTP/1.1\n").reader().line()));
          server.socket().shutdownOutput();
          notes.add(String.valueOf(server.reader().line()));
          notes.add(String.valueOf(server.reader().line()));
        });
  }

  static Stream<Conversation> upgrades() {
    return Stream.of(
        upgrade("websocket"),
        upgrade("tcp"),
        upgrade("SPDY/3.1"),
        new Conversation(
            "an upgraded connection on which the app speaks first",
            upgrading(client -> client.send("hello\n")),
            (server, notes) -> {
              notes.add(upgraded(server.send(asking("websocket"))));
              notes.add(String.valueOf(server.reader().line()));
              notes.add(isOver(server));
            }),
        new Conversation(
            "what is sent behind the request for an upgrade, before its answer",
            upgrading(LINES),
            (server, notes) -> {
              server.send(asking("websocket") + "early\n");
              notes.add(upgraded(server));
              notes.add(String.valueOf(server.reader().line()));
            }),
        new Conversation(
            "a megabyte there and back",
            upgrading(LINES),
            (server, notes) -> {
              String line = "0123456789abcdef".repeat(64 << 10);
              notes.add(upgraded(server.send(asking("websocket"))));
              notes.add(line.equals(chopped(server.send(line + "\n").reader().line())));
            }),
        new Conversation(
            "an app that does not take the upgrade",
            echo(),
            (server, notes) -> {
              notes.add(server.send(asking("websocket")).reader().response(false).body());
              notes.add(server.send(GET.formatted("after")).reader().response(false).body());
            }),
        new Conversation(
            "an app that refuses the upgrade",
            ScriptedApp.answering((request, client) -> {
              client.send(
                  "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\n"
                      + "Content-Length: 2\r\n\r\nno");
              return true;
            }),
            (server, notes) -> {
              Message answer = server.send(asking("websocket")).reader().response(false);
              notes.add(answer.status() + answer.field("sec-websocket-version") + answer.body());
            }),
        new Conversation(
            "an app that dies after the upgrade",
            upgrading(client -> {
              client.send("hello\n");
              turn();
              client.reset();
            }),
            (server, notes) -> {
              notes.add(upgraded(server.send(asking("websocket"))));
              notes.add(String.valueOf(server.reader().line()));
              TURNS.add(true);
              notes.add(isOver(server));
            }),
        new Conversation(
            "a client that dies after the upgrade",
            upgrading(client -> {
              client.send(client.reader().line() + "\n");
              LEFT.add(isOver(client));
            }),
            (server, notes) -> {
              notes.add(upgraded(server.send(asking("websocket"))));
              notes.add(String.valueOf(server.send("a\n").reader().line()));
              server.reset();
              notes.add(LEFT.poll(5, TimeUnit.SECONDS));
            }));
  }

  private static @Nullable String chopped(@Nullable String line) {
    return line == null ? null : line.substring(0, line.length() - 1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("upgrades")
  void upgradesTheSameWay(Conversation conversation) throws Exception {
    goesTheSameWay(conversation);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("conversations")
  void goesTheSameWay(Conversation conversation) throws Exception {
    app.script(conversation.app());
    List<Object> direct = notes(conversation, app.port());
    app.script(conversation.app());
    sidecars.letGo();
    assertEquals(direct, notes(conversation, sidecars.port()));
  }

  private static List<Object> notes(Conversation conversation, int port) throws Exception {
    TURNS.clear();
    LEFT.clear();
    List<Object> notes = new ArrayList<>();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      conversation.client().talk(Peer.of(socket), notes);
    }
    return notes;
  }

  /** By a FIN or a reset: a client that is gone is told by either. */
  private static boolean isOver(Peer peer) throws IOException {
    try {
      peer.reader().rest();
    } catch (SocketException reset) {
      // over as well
    }
    return true;
  }
}
