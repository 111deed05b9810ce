package dev.weir.control.ui.looker;

import com.sun.net.httpserver.HttpServer;
import dev.weir.control.json.JsonServers;
import dev.weir.control.ui.Key;
import dev.weir.control.ui.Ui;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The live page of a mesh at a port of loopback, for who has started it: others of this machine do
 * not have its key.
 */
public final class UiServer implements AutoCloseable {
  private static final int WAITING = 64;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Ui ui;
  private final Key key;

  /**
   * @param port 0: a free one
   * @param every how often the mesh is looked at while somebody watches
   */
  public UiServer(Mesh mesh, int port, Duration every) throws IOException {
    JsonServers.bound();
    this.server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port),
            WAITING);
    this.key = Key.random(server.getAddress().getPort());
    LookerPages pages = new LookerPages(mesh);
    this.ui = new Ui(pages.pages(), every, pages, key);
    server.setExecutor(threads);
    ui.handlers().forEach(server::createContext);
    server.start();
  }

  /** With the key. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/ui/?key=" + key.value();
  }

  /** With a key that opens once, for who shows it to others for a moment. */
  public String urlOnce() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/ui/?key=" + key.once();
  }

  @Override
  public void close() {
    server.stop(0);
    ui.close();
    threads.shutdownNow();
  }
}
