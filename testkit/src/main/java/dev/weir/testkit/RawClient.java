package dev.weir.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Predicate;

/** A client that sends the bytes it is told to, and reads strictly. */
public final class RawClient implements AutoCloseable {
  /**
   * {@code head} with its status line; {@code body} decoded from chunks, trailers in brackets
   * behind it.
   */
  public record Response(String head, String body) {
    public int status() {
      return Integer.parseInt(head.substring(9, 12));
    }

    public String field(String name) {
      for (String line : head.split("\r\n")) {
        if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":")) {
          return line.substring(name.length() + 1).strip();
        }
      }
      return "";
    }
  }

  private final Socket socket;
  private final InputStream in;

  public RawClient(int port) throws IOException {
    this(port, 0);
  }

  /**
   * @param receiveBuffer of the socket, in bytes; 0 for the system's
   */
  public RawClient(int port, int receiveBuffer) throws IOException {
    this(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), receiveBuffer);
  }

  public RawClient(InetSocketAddress to) throws IOException {
    this(to, 0);
  }

  private RawClient(InetSocketAddress to, int receiveBuffer) throws IOException {
    this(connected(to, receiveBuffer));
  }

  /** Over a connection that is there, as one of TLS; it ends with this. */
  public RawClient(Socket connected) throws IOException {
    socket = connected;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(5000);
    in = new BufferedInputStream(socket.getInputStream());
  }

  private static Socket connected(InetSocketAddress to, int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(to);
    return socket;
  }

  public RawClient send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
    return this;
  }

  public void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  public Response get(String path) throws IOException {
    return send("GET " + path + " HTTP/1.1\r\nHost: app\r\n\r\n").read(false);
  }

  /** The next response; {@code bodyless} for an answer to HEAD. */
  public Response read(boolean bodyless) throws IOException {
    String head = head();
    Response response = new Response(head, "");
    int status = response.status();
    if (bodyless || status == 204 || status == 304 || status < 200) {
      return response;
    }
    if (response.field("transfer-encoding").equals("chunked")) {
      return new Response(head, chunked());
    }
    if (!response.field("content-length").isEmpty()) {
      return new Response(
          head, latin1(in.readNBytes(Integer.parseInt(response.field("content-length")))));
    }
    return new Response(head, latin1(in.readAllBytes()));
  }

  /** What comes until all of it is {@code enough}, or the server closes. */
  public String readUntil(Predicate<String> enough) throws IOException {
    StringBuilder text = new StringBuilder();
    while (!enough.test(text.toString())) {
      int b = in.read();
      if (b < 0) {
        break;
      }
      text.append((char) b);
    }
    return text.toString();
  }

  /** All that still comes, until the server closes. */
  public String rest() throws IOException {
    return latin1(in.readAllBytes());
  }

  private String head() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("the connection ended after \"" + head + "\"");
      }
      head.append((char) b);
    }
    return head.toString();
  }

  private String chunked() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(line(), 16);
      if (size == 0) {
        for (String trailer = line(); !trailer.isEmpty(); trailer = line()) {
          body.writeBytes(("[" + trailer + "]").getBytes(StandardCharsets.ISO_8859_1));
        }
        return latin1(body.toByteArray());
      }
      body.writeBytes(in.readNBytes(size));
      line();
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("ended within a line");
      }
      line.append((char) b);
    }
    return line.toString().strip();
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** True once the server has closed; false if it has not within {@code millis}. */
  public boolean closedWithin(int millis) throws IOException {
    socket.setSoTimeout(millis);
    try {
      return in.read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true; // reset
    } finally {
      socket.setSoTimeout(5000);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
