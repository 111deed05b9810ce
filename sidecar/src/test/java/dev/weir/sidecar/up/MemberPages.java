package dev.weir.sidecar.up;

import com.sun.net.httpserver.HttpServer;
import dev.weir.cli.mesh.MeshFolder;
import dev.weir.sidecar.relay.Relay;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The runtime folder of a member whose pages say what a test has them say. */
final class MemberPages implements AutoCloseable {
  private final HttpServer server;
  private final Path folder;
  private final Map<String, String> pages = new ConcurrentHashMap<>();
  private final java.util.List<Relay> doors = new java.util.ArrayList<>();

  /**
   * @param pid of its program
   */
  static MemberPages create(MeshFolder mesh, String name, long pid) throws IOException {
    Path folder = Files.createDirectories(mesh.folder().resolve("members").resolve(name));
    Files.writeString(folder.resolve("pid"), Long.toString(pid));
    return new MemberPages(folder);
  }

  private MemberPages(Path folder) throws IOException {
    this.folder = folder;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String page = pages.get(exchange.getRequestURI().getPath());
          byte[] body = (page == null ? "" : page).getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Connection", "close");
          exchange.sendResponseHeaders(
              page == null ? 503 : 200, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  MemberPages says(String page, String text) {
    pages.put(page, text);
    return this;
  }

  /** The control plane is away. */
  MemberPages isSilent() {
    pages.clear();
    return this;
  }

  /** As a member does whose sidecar is ready. */
  MemberPages open() throws IOException {
    for (String door : java.util.List.of("admin", "control-plane")) {
      doors.add(
          Relay.start(
              UnixDomainSocketAddress.of(folder.resolve(door)),
              () -> SocketChannel.open(server.getAddress())));
    }
    return this;
  }

  Path folder() {
    return folder;
  }

  @Override
  public void close() throws IOException {
    for (Relay door : doors) {
      door.close();
    }
    server.stop(0);
  }
}
