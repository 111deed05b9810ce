package dev.weir.sidecar.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is done by POST to the admin page. */
class AdminCommandsTest {
  private TestUpstream app;
  private TestSidecar sidecar;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("ok");
    sidecar = TestConfig.to(app).listener("traffic_direction: INBOUND").start(1);
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    app.close();
  }

  private RawClient.Response ask(String method, String path) throws IOException {
    try (RawClient admin = new RawClient(sidecar.adminPort())) {
      return admin
          .send(method + " " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
          .read(false);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/drain_listeners",
        "/healthcheck/fail",
        "/healthcheck/ok",
        "/quitquitquit",
        "/reopen_logs"
      })
  void nothingIsChangedByGet(String path) throws Exception {
    assertEquals(405, ask("GET", path).status());
    assertEquals(200, ask("GET", "/ready").status());
    try (RawClient client = new RawClient(sidecar.port())) {
      assertEquals(200, client.get("/").status());
    }
  }

  @Test
  void sidecarWhoseHealthIsFailedIsNotReadyAndServesOn() throws Exception {
    assertEquals(200, ask("POST", "/healthcheck/fail").status());
    RawClient.Response ready = ask("GET", "/ready");
    assertEquals(503, ready.status());
    assertTrue(ready.body().contains("/healthcheck/fail"), ready.body());
    try (RawClient client = new RawClient(sidecar.port())) {
      assertEquals(200, client.get("/").status());
    }
    ask("POST", "/healthcheck/ok");
    assertEquals(200, ask("GET", "/ready").status());
  }

  @Test
  void drainedListenerEndsWhatIsOpenAndTakesNothingNew() throws Exception {
    int port = sidecar.port();
    try (RawClient client = new RawClient(port)) {
      assertEquals(200, client.get("/").status());
      assertEquals(200, ask("POST", "/drain_listeners?inboundonly").status());
      Await.until(() -> refuses(port));
    }
  }

  private static boolean refuses(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return !socket.isConnected();
    } catch (ConnectException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void otherWordsOfADrainAreSaid() throws Exception {
    RawClient.Response refused = ask("POST", "/drain_listeners?skip_exit");
    assertEquals(400, refused.status());
    assertTrue(refused.body().contains("skip_exit"), refused.body());
  }

  @Test
  void programEndsWhereItIsItsOwn() throws Exception {
    assertEquals(503, ask("POST", "/quitquitquit").status());
    CountDownLatch ended = new CountDownLatch(1);
    sidecar.sidecar().onQuit(ended::countDown);
    assertEquals(200, ask("POST", "/quitquitquit").status());
    assertTrue(ended.await(5, TimeUnit.SECONDS));
  }

  @Test
  void memoryIsToldInBytes() throws Exception {
    String page = ask("GET", "/memory").body();
    assertTrue(page.matches("(?s).*\"heap_size\":\"[1-9][0-9]+\".*"), page);
    assertTrue(page.matches("(?s).*\"total_physical_bytes\":\"[1-9][0-9]+\".*"), page);
  }

  @Test
  void levelsAreShownAndChangedAtRunTime() throws Exception {
    assertTrue(ask("POST", "/logging").body().startsWith("active loggers:\n"));
    assertTrue(ask("GET", "/logging").body().contains("\n  dns: info\n"));
    assertEquals(405, ask("GET", "/logging?level=debug").status());

    assertTrue(ask("POST", "/logging?level=warn").body().contains("\n  dns: warning\n"));
    String paths = ask("POST", "/logging?paths=dns:debug,config:error").body();
    assertTrue(paths.contains("\n  config: error\n"), paths);
    assertTrue(paths.contains("\n  dns: debug\n"), paths);
    assertTrue(paths.contains("\n  main: warning\n"), paths);
    assertTrue(ask("POST", "/logging?xds=trace").body().contains("\n  config: trace\n"));

    for (String wrong : new String[] {"level=loud", "nobody=info", "paths=dns:info,x:info", "x"}) {
      RawClient.Response refused = ask("POST", "/logging?" + wrong);
      assertEquals(400, refused.status(), wrong);
      assertTrue(refused.body().startsWith("error: "), refused.body());
      assertTrue(refused.body().contains("\n  dns: debug\n"), refused.body());
    }
  }

  @Test
  void requestsAreToldAsLongAsDebugMessagesAreWanted() throws Exception {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (TestSidecar told =
            TestSidecar.start(
                TestSidecar.yaml(app.port(), "", "", "", ""),
                1,
                Optional.empty(),
                new PrintStream(said, true, StandardCharsets.UTF_8));
        RawClient admin = new RawClient(told.adminPort());
        RawClient client = new RawClient(told.port())) {
      assertEquals(200, client.get("/before").status());
      admin
          .send("POST /logging?http=debug HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
          .read(false);
      assertEquals(200, client.get("/cart?secret=1").status());
      Await.until(() -> said.toString(StandardCharsets.UTF_8).contains("GET /cart is over: "));
    }
    String all = said.toString(StandardCharsets.UTF_8);
    assertTrue(all.contains(" cluster=app "), all);
    assertFalse(all.contains("/before"), all);
    assertFalse(all.contains("secret"), all);
  }
}
