package dev.weir.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/** A real HTTP/1.1 server on a thread for each connection, that does what its script says. */
public final class TestUpstream implements AutoCloseable {
  /** A request as it arrived, byte for byte. */
  public record Request(String head, byte[] body, int connection) {
    public String line() {
      return head.substring(0, head.indexOf("\r\n"));
    }

    public String field(String name) {
      for (String line : head.split("\r\n")) {
        if (line.toLowerCase(java.util.Locale.ROOT)
            .startsWith(name.toLowerCase(java.util.Locale.ROOT) + ":")) {
          return line.substring(name.length() + 1).strip();
        }
      }
      return "";
    }

    public String text() {
      return new String(body, StandardCharsets.ISO_8859_1);
    }
  }

  /** Answers one request; returns whether the connection goes on. */
  public interface Script {
    boolean answer(Request request, OutputStream out) throws IOException;
  }

  private final ServerSocket socket;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final Thread acceptor;
  private volatile Script script;

  private TestUpstream(Script script, ServerSocketFactory sockets) throws IOException {
    this.script = script;
    this.socket = sockets.createServerSocket(0, 128, InetAddress.getLoopbackAddress());
    this.acceptor = Thread.ofVirtual().start(this::accept);
  }

  public static TestUpstream start(Script script) throws IOException {
    return start(script, ServerSocketFactory.getDefault());
  }

  /** One whose sockets are made by {@code sockets}: TLS, for one. */
  public static TestUpstream start(Script script, ServerSocketFactory sockets) throws IOException {
    return new TestUpstream(script, sockets);
  }

  /** Answers every request with 200 and {@code body}. */
  public static TestUpstream replying(String body) throws IOException {
    return start((request, out) -> reply(out, 200, body));
  }

  /** As {@link #replying}, at {@code address}, on the port of {@code other}. */
  public static TestUpstream beside(TestUpstream other, String address, String body)
      throws IOException {
    return start(
        (request, out) -> reply(out, 200, body),
        new At(
            new InetSocketAddress(InetAddress.ofLiteral(address), other.port()),
            ServerSocketFactory.getDefault()));
  }

  /** As {@link #start}, at {@code address}. */
  public static TestUpstream at(InetAddress address, Script script, ServerSocketFactory sockets)
      throws IOException {
    return start(script, new At(new InetSocketAddress(address, 0), sockets));
  }

  /** Makes sockets that listen there, whatever they are asked for. */
  private static final class At extends ServerSocketFactory {
    private final InetSocketAddress address;
    private final ServerSocketFactory sockets;

    At(InetSocketAddress address, ServerSocketFactory sockets) {
      this.address = address;
      this.sockets = sockets;
    }

    @Override
    public ServerSocket createServerSocket(int port) throws IOException {
      return createServerSocket(port, 0);
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) throws IOException {
      return createServerSocket(port, backlog, address.getAddress());
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, InetAddress any)
        throws IOException {
      return sockets.createServerSocket(address.getPort(), backlog, address.getAddress());
    }
  }

  public static boolean reply(OutputStream out, int status, String body) throws IOException {
    write(out, "HTTP/1.1 " + status + " X\r\ncontent-length: " + body.length() + "\r\n\r\n" + body);
    return true;
  }

  public static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  public void script(Script next) {
    script = next;
  }

  public int port() {
    return socket.getLocalPort();
  }

  public int connections() {
    return connections.get();
  }

  /** Connections that are open now. */
  public int openConnections() {
    return open.size();
  }

  /** The next request; fails the test after five seconds. */
  public Request next() throws InterruptedException {
    Request request = requests.poll(5, java.util.concurrent.TimeUnit.SECONDS);
    if (request == null) {
      throw new AssertionError("no request came within 5 s");
    }
    return request;
  }

  public List<Request> all() {
    return new ArrayList<>(requests);
  }

  /** Those so far that were not taken yet. */
  public List<Request> take() {
    List<Request> taken = new ArrayList<>();
    requests.drainTo(taken);
    return taken;
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = socket.accept();
        connection.setTcpNoDelay(true);
        open.add(connection);
        int number = connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(connection, number));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket connection, int number) {
    try (connection) {
      InputStream in = new BufferedInputStream(connection.getInputStream());
      OutputStream out = connection.getOutputStream();
      while (true) {
        String head = head(in);
        if (head.isEmpty()) {
          return;
        }
        Request early = new Request(head, new byte[0], number);
        Request request =
            early.field("x-early").isEmpty() ? new Request(head, body(in, early), number) : early;
        requests.add(request);
        if (!script.answer(request, out)) {
          return;
        }
      }
    } catch (IOException e) {
      // the peer went away, or the test is over
    } finally {
      open.remove(connection);
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        return "";
      }
      head.append((char) b);
    }
    return head.toString();
  }

  private static byte[] body(InputStream in, Request request) throws IOException {
    if (!request.field("content-length").isEmpty()) {
      return in.readNBytes(Integer.parseInt(request.field("content-length")));
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if (request.field("transfer-encoding").equalsIgnoreCase("chunked")) {
      while (true) {
        int size = Integer.parseInt(line(in), 16);
        if (size == 0) {
          String trailer = line(in);
          while (!trailer.isEmpty()) {
            body.writeBytes(("[" + trailer + "]").getBytes(StandardCharsets.ISO_8859_1));
            trailer = line(in);
          }
          return body.toByteArray();
        }
        body.writeBytes(in.readNBytes(size));
        line(in);
      }
    }
    return body.toByteArray();
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("ended within a line");
      }
      line.append((char) b);
    }
    return line.toString().strip();
  }

  /** Nobody is answered from here on, nor by a connection that is being accepted. */
  @Override
  public void close() throws IOException {
    socket.close();
    try {
      acceptor.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (Socket connection : open) {
      connection.close();
    }
  }
}
