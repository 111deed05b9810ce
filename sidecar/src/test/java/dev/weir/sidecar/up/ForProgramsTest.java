package dev.weir.sidecar.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.cli.Output;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code -o json} and {@code -o yaml} say of a mesh on this machine. */
class ForProgramsTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<ServerSocketChannel> servers = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (ServerSocketChannel server : servers) {
      server.close();
    }
  }

  private Folders folders() throws IOException {
    return Folders.of(folder, Optional.of(folder.toString()));
  }

  private Path member(String name) throws IOException {
    Path member = Files.createDirectories(folders().mesh().folder().resolve("members/" + name));
    Files.writeString(member.resolve("pid"), ProcessHandle.current().pid() + "\n");
    return member;
  }

  /** Answers at a socket by path; what has no page is 404. */
  private void serve(Path door, Map<String, String> pages) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(door));
    servers.add(server);
    Thread.ofVirtual().start(() -> accept(server, pages));
  }

  private static void accept(ServerSocketChannel server, Map<String, String> pages) {
    while (true) {
      try (SocketChannel channel = server.accept()) {
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        String request = "";
        while (!request.contains("\r\n\r\n") && channel.read(bytes) >= 0) {
          request = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        }
        String page = pages.get(request.split(" ")[1]);
        channel.write(
            ByteBuffer.wrap(
                ("HTTP/1.1 " + (page == null ? 404 : 200) + " x\r\n\r\n" + page)
                    .getBytes(StandardCharsets.UTF_8)));
      } catch (AsynchronousCloseException over) {
        return;
      } catch (IOException over) {
        return; // closed before
      }
    }
  }

  private PrintStream to(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  @Test
  void statusHasTheWordsOfACluster() throws IOException {
    serve(member("cart-1").resolve("admin"), Map.of("/ready", "LIVE", "/plaintext", "{}"));
    serve(
        folders().mesh().folder().resolve("members/cart-1/control-plane"),
        Map.of(
            "/proxies",
            """
            [{"node": "cart-1", "service": "shop/cart", "address": "10.88.0.2", "inSync": false,
              "readyPorts": [8080], "notEnforced": ["circuitBreaker: left out"], "types": {
              "cluster": {"state": "refused", "target": "b", "acked": "a",
                "nacked": {"reason": "lb_policy: no", "at": "2026-03-01T00:00:00Z", "followsFrom": ["ResiliencePolicy shop/cart"]}}}}]
            """));
    assertEquals(1, Status.show(folders(), Output.YAML, to(out), to(err)));
    assertEquals(
        """
        well: false
        controlPlanes:
        - answers: true
          proxies: 1
        sidecars:
        - node: cart-1
          ready: true
          connected: true
          inSync: false
          service: shop/cart
          address: "10.88.0.2"
          readyPorts:
          - 8080
          types:
            cluster:
              state: refused
              target: b
              acked: a
              refusal: "lb_policy: no"
              since: "2026-03-01T00:00:00Z"
              followsFrom:
              - "ResiliencePolicy shop/cart"
          notEnforced:
          - "circuitBreaker: left out"
        """,
        out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void statusOfNobodyIsAnAnswerToo() throws IOException {
    assertEquals(1, Status.show(folders(), Output.JSON, to(out), to(err)));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("\"sidecars\": []"), out::toString);
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("no member"), err::toString);
  }

  private int config(String... words) {
    out.reset();
    return Pages.program()
        .run(words, to(out), to(err), values -> Pages.show(values, folders(), to(out), to(err)));
  }

  @Test
  void configIsByInstanceWithThePartsThatAClusterHas() throws IOException {
    serve(
        member("cart-1").resolve("admin"),
        Map.of(
            "/config_dump",
            "{\"configs\": [{\"@type\": \"x.RoutesConfigDump\", \"a\": 1}, {\"@type\": \"x.Other\"}]}",
            "/clusters",
            "c::default_priority::max::1\nc::10.0.0.1:80::weight::1\nc::10.0.0.1:80::zone::a\n"));
    assertEquals(0, config("cart", "routes", "-o", "yaml"), err::toString);
    assertEquals(
        "cart-1:\n- \"@type\": x.RoutesConfigDump\n  a: 1\n", out.toString(StandardCharsets.UTF_8));
    assertEquals(0, config("cart", "endpoints", "-o", "yaml"), err::toString);
    assertEquals(
        "cart-1:\n- cluster: c\n  address: \"10.0.0.1:80\"\n  weight: \"1\"\n  zone: a\n",
        out.toString(StandardCharsets.UTF_8));
    assertEquals(2, config("cart", "routes", "-o", "xml"), out::toString);
  }
}
