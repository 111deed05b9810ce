package dev.weir.sidecar.transparency;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** An app that does on each of its connections what the case at hand says. */
final class ScriptedApp implements AutoCloseable {
  /** Serves one connection; it is closed afterwards. */
  interface Script {
    void serve(Peer client) throws Exception;
  }

  /** One connection: the bytes, and the messages in them. */
  record Peer(Socket socket, HttpReader reader, OutputStream out) {
    static Peer of(Socket socket) throws IOException {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(5000);
      return new Peer(
          socket,
          new HttpReader(new BufferedInputStream(socket.getInputStream())),
          socket.getOutputStream());
    }

    Peer send(String bytes) throws IOException {
      out.write(bytes.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
      out.flush();
      return this;
    }

    /** As a process that dies: what is under way is lost. */
    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }

  private final ServerSocket socket;
  private final Map<Socket, Thread> open = new ConcurrentHashMap<>();
  private volatile Script script = client -> {};

  ScriptedApp() throws IOException {
    socket = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return socket.getLocalPort();
  }

  /** From now on; the connections of the case before are ended, and what served them too. */
  void script(Script next) throws IOException {
    script = next;
    for (Map.Entry<Socket, Thread> connection : open.entrySet()) {
      connection.getKey().close();
      connection.getValue().interrupt();
      try {
        connection.getValue().join();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  /** Each request is answered as {@code answer} says until the client leaves. */
  static Script answering(Answer answer) {
    return client -> {
      while (true) {
        Optional<Message> request = client.reader().request();
        if (request.isEmpty() || !answer.to(request.get(), client)) {
          return;
        }
      }
    };
  }

  /** Says whether the connection goes on. */
  interface Answer {
    boolean to(Message request, Peer client) throws Exception;
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = socket.accept();
        Script current = script;
        Thread serving =
            Thread.ofVirtual()
                .unstarted(() -> {
                  try (connection) {
                    current.serve(Peer.of(connection));
                  } catch (Exception e) {
                    // the client left, or the case is over: what it saw says so
                  } finally {
                    open.remove(connection);
                  }
                });
        open.put(connection, serving);
        serving.start();
      }
    } catch (IOException e) {
      // closed
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    script(client -> {});
  }
}
