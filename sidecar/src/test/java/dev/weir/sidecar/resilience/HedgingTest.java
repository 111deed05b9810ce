package dev.weir.sidecar.resilience;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies of a request that is slow to be answered: when, where, which answer is the client's. */
class HedgingTest {
  private static final String SOON = "delay: 0.02s, attempts: 1";
  private static final String QUICK = "retry_back_off: {base_interval: 0.001s}";

  /** What the requests of one test get, by the order of their arrival at whichever host. */
  private static final class Order implements TestUpstream.Script {
    private final AtomicInteger arrived = new AtomicInteger();
    private final CountDownLatch second = new CountDownLatch(2);
    private final TestUpstream.Script[] scripts;

    Order(TestUpstream.Script... scripts) {
      this.scripts = scripts;
    }

    @Override
    public boolean answer(TestUpstream.Request request, OutputStream out) throws IOException {
      int number = arrived.getAndIncrement();
      second.countDown();
      return scripts[Math.min(number, scripts.length - 1)].answer(request, out);
    }
  }

  private static void hold(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(10, TimeUnit.SECONDS)) {
        throw new IOException("nothing came within 10 s");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** No answer while the test runs. */
  private static final class Silence implements TestUpstream.Script, AutoCloseable {
    private final CountDownLatch over = new CountDownLatch(1);

    @Override
    public boolean answer(TestUpstream.Request request, OutputStream out) throws IOException {
      hold(over);
      return false;
    }

    @Override
    public void close() {
      over.countDown();
    }
  }

  /** Two hosts that do what one script says, and a client of the sidecar before them. */
  private static final class Pair implements AutoCloseable {
    private final TestUpstream one;
    private final TestUpstream two;
    private final TestSidecar sidecar;
    private final RawClient client;

    Pair(TestUpstream.Script script, UnaryOperator<TestConfig> config) throws IOException {
      one = TestUpstream.start(script);
      two = TestUpstream.start(script);
      sidecar = config.apply(TestConfig.to(one, two)).start();
      client = new RawClient(sidecar.port());
    }

    int requests() {
      return one.all().size() + two.all().size();
    }

    @Override
    public void close() throws IOException {
      client.close();
      sidecar.close();
      one.close();
      two.close();
    }
  }

  private static TestUpstream.Script onceOver(CountDownLatch latch, String body) {
    return (request, out) -> {
      hold(latch);
      return TestUpstream.reply(out, 200, body);
    };
  }

  private static TestUpstream.Script reply(int status, String body) {
    return (request, out) -> TestUpstream.reply(out, status, body);
  }

  @Test
  void slowRequestIsSentToAnotherHostAndTheFirstAnswerWins() throws Exception {
    try (Silence silence = new Silence();
        TestUpstream slow = TestUpstream.start(silence);
        TestUpstream good = TestUpstream.replying("good");
        TestSidecar sidecar = TestConfig.to(slow, good).hedging(SOON).start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 4; i++) {
        assertEquals("good", client.get("/").body());
      }
      int copies = slow.all().size();
      assertTrue(copies > 0);
      assertEquals(copies, sidecar.stat("cluster.app.weir_hedge.sent"));
      assertEquals(copies, sidecar.stat("cluster.app.weir_hedge.won"));
      assertEquals(copies, sidecar.stat("cluster.app.upstream_rq_tx_reset"));
      assertEquals(0, sidecar.stat("cluster.app.upstream_rq_active"));
      assertEquals(4, sidecar.stat("cluster.app.upstream_rq_2xx"));
    }
  }

  @Test
  void quickAnswerIsNotCopied() throws Exception {
    try (TestUpstream one = TestUpstream.replying("one");
        TestUpstream two = TestUpstream.replying("two");
        TestSidecar sidecar = TestConfig.to(one, two).hedging("delay: 5s, attempts: 3").start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 10; i++) {
        client.get("/");
      }
      assertEquals(10, one.all().size() + two.all().size());
      assertEquals(0, sidecar.stat("cluster.app.weir_hedge.sent"));
    }
  }

  @Test
  void answerThatIsWorthARetryDoesNotWin() throws Exception {
    try (TestUpstream one = TestUpstream.replying("");
        TestUpstream two = TestUpstream.replying("");
        TestSidecar sidecar =
            TestConfig.to(one, two)
                .hedging(SOON)
                .route("retry_policy: {retry_on: 5xx, num_retries: 1, " + QUICK + "}")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      CountDownLatch refused = new CountDownLatch(1);
      Order scripts =
          new Order(
              (request, out) -> {
                hold(refused);
                Await.until(() -> sidecar.stat("cluster.app.retry.upstream_rq_5xx") == 1);
                return TestUpstream.reply(out, 200, "first");
              },
              (request, out) -> {
                TestUpstream.reply(out, 503, "");
                refused.countDown();
                return true;
              });
      one.script(scripts);
      two.script(scripts);
      assertEquals("first", client.get("/").body());
      assertEquals(2, one.all().size() + two.all().size());
      assertEquals(0, sidecar.stat("cluster.app.upstream_rq_retry"));
    }
  }

  /** Answers 200 once the copy's answer has come. */
  private static Order afterTheCopy(TestSidecar sidecar, TestUpstream.Script copy) {
    CountDownLatch answered = new CountDownLatch(1);
    return new Order(
        (request, out) -> {
          hold(answered);
          Await.until(() -> sidecar.stat("cluster.app.retry.upstream_rq_5xx") == 1);
          return TestUpstream.reply(out, 200, "first");
        },
        (request, out) -> {
          boolean more = copy.answer(request, out);
          answered.countDown();
          return more;
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-App: down", "x-weir-cause: bulkhead-full;policy=\"shop/app\""})
  void instanceThatCannotServeDoesNotAnswerForOneThatIsSlow(String field) throws Exception {
    try (TestUpstream one = TestUpstream.replying("");
        TestUpstream two = TestUpstream.replying("");
        TestSidecar sidecar = TestConfig.to(one, two).hedging(SOON).start();
        RawClient client = new RawClient(sidecar.port())) {
      Order scripts =
          afterTheCopy(
              sidecar,
              (request, out) -> {
                out.write(
                    ("HTTP/1.1 503 x\r\nContent-Length: 0\r\n" + field + "\r\n\r\n")
                        .getBytes(US_ASCII));
                return true;
              });
      one.script(scripts);
      two.script(scripts);
      assertEquals("first", client.get("/").body());
      assertEquals(0, sidecar.stat("cluster.app.upstream_rq_retry_success"));
    }
  }

  @Test
  void whenNoInstanceCanServeTheLastSaysSo() throws Exception {
    Order[] order = new Order[1];
    order[0] =
        new Order(
            (request, out) -> {
              hold(order[0].second);
              return TestUpstream.reply(out, 503, "one");
            },
            reply(503, "two"));
    try (Pair pair = new Pair(order[0], config -> config.hedging(SOON))) {
      assertEquals(503, pair.client.get("/").status());
      assertEquals(2, pair.requests());
    }
  }

  @Test
  void accessLogNamesWhoAnswered(@TempDir Path folder) throws Exception {
    Path log = folder.resolve("log");
    CountDownLatch cut = new CountDownLatch(1);
    try (TestUpstream one = TestUpstream.replying("");
        TestUpstream two = TestUpstream.replying("");
        TestSidecar sidecar =
            TestConfig.to(one, two)
                .hedging(SOON)
                .accessLog(log, "%UPSTREAM_HOST% %UPSTREAM_TRANSPORT_FAILURE_REASON%")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      AtomicReference<String> first = new AtomicReference<>("");
      AtomicInteger arrived = new AtomicInteger();
      for (TestUpstream host : List.of(one, two)) {
        host.script((request, out) -> {
          if (arrived.getAndIncrement() > 0) {
            cut.countDown();
            return false; // the copy's connection is cut
          }
          first.set("127.0.0.1:" + host.port());
          hold(cut);
          Await.until(() -> sidecar.stat("cluster.app.upstream_rq_active") == 1);
          return TestUpstream.reply(out, 200, "first");
        });
      }
      assertEquals("first", client.get("/").body());
      sidecar.close();
      assertEquals(List.of(first.get() + " -"), Files.readAllLines(log));
    }
  }

  /**
   * A connection is under way to the first, whose kernel takes no more: it tries again in a second.
   */
  @Test
  void hostThatIsReachedWhenTheBodyIsLetGoGetsNothing() throws Exception {
    InetAddress here = InetAddress.getLoopbackAddress();
    CountDownLatch late = new CountDownLatch(1);
    TestUpstream.Script answer =
        (request, out) -> {
          if (request.line().startsWith("PUT")) {
            hold(late);
          }
          return TestUpstream.reply(out, 200, request.text().length() + " bytes");
        };
    try (ServerSocket full = new ServerSocket(0, 1, here);
        TestUpstream good = TestUpstream.start(answer);
        TestSidecar sidecar =
            TestSidecar.start(
                TestConfig.to(full.getLocalPort(), good.port())
                    .hedging(SOON)
                    .bufferLimit(1024)
                    .yaml()
                    .replace("connect_timeout: 1s", "connect_timeout: 5s"),
                1)) {
      full.setSoTimeout(10_000);
      List<Socket> fillers = new ArrayList<>();
      try (RawClient client = new RawClient(sidecar.port());
          RawClient other = new RawClient(sidecar.port())) {
        while (connects(full, fillers)) {}
        // One of the two requests goes to the full host first, and is copied from there.
        String body = "x".repeat(1500);
        String put =
            "PUT / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n5dc\r\n"
                + body
                + "\r\n0\r\n\r\n";
        client.send(put);
        other.send(put);
        Await.until(() -> good.all().size() == 2);
        List<Socket> taken = new ArrayList<>();
        for (int i = 0; i <= fillers.size(); i++) {
          taken.add(full.accept());
        }
        late.countDown();
        assertEquals("1500 bytes", client.read(false).body());
        assertEquals("1500 bytes", other.read(false).body());
        sidecar.close();
        fillers.forEach(HedgingTest::close);
        for (Socket connection : taken) {
          assertEquals(-1, connection.getInputStream().read());
          connection.close();
        }
      }
    }
  }

  private static boolean connects(ServerSocket to, List<Socket> made) throws IOException {
    Socket next = new Socket();
    try {
      next.connect(to.getLocalSocketAddress(), 200);
      made.add(next);
      return true;
    } catch (SocketTimeoutException e) {
      next.close();
      return false;
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void failureWhileACopyIsUnderWayCostsNoRetry() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    Order[] order = new Order[1];
    order[0] =
        new Order(
            (request, out) -> {
              hold(order[0].second);
              gone.countDown();
              return false; // the connection is cut
            },
            (request, out) -> {
              hold(gone);
              return TestUpstream.reply(out, 200, "copy");
            });
    try (Pair pair =
        new Pair(
            order[0],
            config ->
                config
                    .hedging(SOON)
                    .route("retry_policy: {retry_on: reset, num_retries: 1, " + QUICK + "}"))) {
      assertEquals("copy", pair.client.get("/").body());
      assertEquals(0, pair.sidecar.stat("cluster.app.upstream_rq_retry"));
    }
  }

  @Test
  void whenAllCopiesFailTheRetryPolicyDecides() throws Exception {
    Order[] order = new Order[1];
    order[0] =
        new Order(
            (request, out) -> {
              hold(order[0].second);
              return TestUpstream.reply(out, 503, "");
            },
            reply(503, ""),
            reply(200, "retried"));
    try (Pair pair =
        new Pair(
            order[0],
            config ->
                config
                    .hedging(SOON)
                    .route("retry_policy: {retry_on: 5xx, num_retries: 1, " + QUICK + "}"))) {
      assertEquals("retried", pair.client.get("/").body());
      assertEquals(1, pair.sidecar.stat("cluster.app.upstream_rq_retry_success"));
    }
  }

  @Test
  void eachCopyGoesToAHostThatHasNoneAfterAnotherDelay() throws Exception {
    try (Silence silence = new Silence();
        TestUpstream one = TestUpstream.start(silence);
        TestUpstream two = TestUpstream.start(silence);
        TestUpstream good = TestUpstream.replying("good");
        TestSidecar sidecar =
            TestConfig.to(one, two, good)
                .hedging("delay: 0.02s, attempts: 2")
                .retryBudget("share: 1, over: 10s, at_least_per_second: 100")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 3; i++) {
        assertEquals("good", client.get("/").body());
      }
      assertTrue(one.all().size() <= 3 && two.all().size() <= 3);
      assertEquals(
          one.all().size() + two.all().size(), sidecar.stat("cluster.app.weir_hedge.sent"));
    }
  }

  @Test
  void withoutAnotherHostThereIsNoCopy() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (TestUpstream only = TestUpstream.start(onceOver(answer, "only"));
        TestSidecar sidecar = TestConfig.to(only).hedging(SOON).start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      Await.until(() -> sidecar.stat("cluster.app.weir_hedge.no_host") > 0);
      answer.countDown();
      assertEquals("only", client.read(false).body());
      assertEquals(1, only.all().size());
    }
  }

  @Test
  void whereNoCopyCanBeSentItIsLookedForEverMoreSeldom() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (TestUpstream only = TestUpstream.start(onceOver(answer, "only"));
        TestSidecar sidecar = TestConfig.to(only).hedging("delay: 0.001s, attempts: 1").start();
        RawClient client = new RawClient(sidecar.port())) {
      long begun = System.nanoTime();
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      Await.until(() -> sidecar.stat("cluster.app.weir_hedge.no_host") >= 8);
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
      assertTrue(millis >= 128, "8 looks in " + millis + " ms");
      answer.countDown();
      assertEquals("only", client.read(false).body());
    }
  }

  @Test
  void budgetThatIsSpentPaysForNoCopy() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (Pair pair =
        new Pair(
            onceOver(answer, "late"),
            config ->
                config.hedging(SOON).retryBudget("share: 0, over: 10s, at_least_per_second: 0"))) {
      pair.client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      Await.until(() -> pair.sidecar.stat("cluster.app.weir_hedge.overflow") > 0);
      answer.countDown();
      assertEquals("late", pair.client.read(false).body());
      assertEquals(1, pair.requests());
    }
  }

  @Test
  void theLastPlaceOfAClusterIsForARequestThatHasNone() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (Pair pair =
            new Pair(
                onceOver(answer, "late"),
                config ->
                    config
                        .hedging(SOON)
                        .cluster("circuit_breakers: {thresholds: [{max_requests: 2}]}"));
        RawClient other = new RawClient(pair.sidecar.port())) {
      pair.client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      Await.until(() -> pair.sidecar.stat("cluster.app.weir_hedge.overflow") > 0);
      other.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      Await.until(() -> pair.requests() == 2);
      answer.countDown();
      assertEquals("late", pair.client.read(false).body());
      assertEquals("late", other.read(false).body());
      assertEquals(0, pair.sidecar.stat("cluster.app.weir_hedge.sent"));
    }
  }

  @Test
  void onlyRequestsThatMatchAreCopied() throws Exception {
    String gets = ", request_headers: [{name: \":method\", string_match: {exact: GET}}]";
    CountDownLatch answer = new CountDownLatch(1);
    TestUpstream.Script script =
        (request, out) -> {
          if (request.line().startsWith("POST")) {
            hold(answer);
          }
          return TestUpstream.reply(out, 200, "");
        };
    Silence silence = new Silence();
    try (silence;
        TestUpstream one = TestUpstream.start(script);
        TestUpstream two = TestUpstream.start(script);
        TestSidecar sidecar = TestConfig.to(one, two).hedging(SOON + gets).start();
        RawClient client = new RawClient(sidecar.port());
        RawClient other = new RawClient(sidecar.port())) {
      client.send("POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 2\r\n\r\nab");
      Await.until(() -> one.all().size() + two.all().size() == 1);
      // A request that is slow to be answered and is copied, begun later: the first had its time.
      AtomicInteger gotten = new AtomicInteger();
      TestUpstream.Script slowGet =
          (request, out) ->
              gotten.getAndIncrement() == 0
                  ? silence.answer(request, out)
                  : TestUpstream.reply(out, 200, "");
      one.script(slowGet);
      two.script(slowGet);
      assertEquals(200, other.get("/").status());
      assertEquals(1, sidecar.stat("cluster.app.weir_hedge.sent"));
      answer.countDown();
      assertEquals(200, client.read(false).status());
    }
  }

  @Test
  void copyCarriesTheBodyAndItsNumber() throws Exception {
    Order[] order = new Order[1];
    order[0] =
        new Order(
            (request, out) -> {
              hold(order[0].second);
              return TestUpstream.reply(out, 200, "first");
            },
            (request, out) -> TestUpstream.reply(out, 200, "second"));
    try (Pair pair = new Pair(order[0], config -> config.hedging(SOON))) {
      pair.client.send(
          "PUT / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: t\r\n\r\n");
      assertEquals(200, pair.client.read(false).status());
      Set<String> bodies =
          Stream.concat(pair.one.all().stream(), pair.two.all().stream())
              .map(TestUpstream.Request::text)
              .collect(Collectors.toSet());
      assertEquals(Set.of("abcde[X-T: t]"), bodies);
      assertEquals(1, pair.one.all().size());
      assertEquals(1, pair.two.all().size());
    }
  }

  @Test
  void timeoutOfTheRequestEndsAllCopies() throws Exception {
    try (Silence silence = new Silence();
        Pair pair = new Pair(silence, config -> config.hedging(SOON).route("timeout: 0.3s"))) {
      RawClient.Response response = pair.client.get("/");
      assertEquals(504, response.status());
      assertEquals("stop", response.field("x-weir-retry"));
      assertEquals(1, pair.one.all().size());
      assertEquals(1, pair.two.all().size());
      assertEquals(0, pair.sidecar.stat("cluster.app.upstream_rq_active"));
      assertEquals(2, pair.sidecar.stat("cluster.app.upstream_rq_tx_reset"));
    }
  }

  @Test
  void clientThatGoesAwayEndsAllCopies() throws Exception {
    try (Silence silence = new Silence();
        TestUpstream one = TestUpstream.start(silence);
        TestUpstream two = TestUpstream.start(silence);
        TestSidecar sidecar = TestConfig.to(one, two).hedging(SOON).start()) {
      try (RawClient client = new RawClient(sidecar.port())) {
        client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
        one.next();
        two.next();
      }
      Await.until(() -> sidecar.stat("cluster.app.upstream_rq_active") == 0);
      assertEquals(2, sidecar.stat("cluster.app.upstream_rq_tx_reset"));
    }
  }

  @Test
  void attemptWhoseTimeIsUpGoesOnBesideItsRetry() throws Exception {
    Order[] order = new Order[1];
    try (Silence silence = new Silence()) {
      order[0] =
          new Order(
              (request, out) -> {
                hold(order[0].second);
                return TestUpstream.reply(out, 200, "first");
              },
              silence);
      try (Pair pair =
          new Pair(
              order[0],
              config ->
                  config.route(
                      "retry_policy: {retry_on: 5xx, num_retries: 1, per_try_timeout: 0.05s, "
                          + QUICK
                          + "}\nhedge_policy: {hedge_on_per_try_timeout: true}"))) {
        assertEquals("first", pair.client.get("/").body());
        assertEquals(1, pair.sidecar.stat("cluster.app.upstream_rq_retry"));
        assertNotEquals(0, pair.sidecar.stat("cluster.app.upstream_rq_per_try_timeout"));
      }
    }
  }

  @Test
  void callerAsksForHedgingOnPerTryTimeout() throws Exception {
    Order[] order = new Order[1];
    try (Silence silence = new Silence()) {
      order[0] =
          new Order(
              (request, out) -> {
                hold(order[0].second);
                return TestUpstream.reply(
                    out, 200, request.field("x-envoy-hedge-on-per-try-timeout") + "first");
              },
              silence);
      try (Pair pair =
          new Pair(
              order[0],
              config ->
                  config.route("retry_policy: {retry_on: 5xx, num_retries: 1, " + QUICK + "}"))) {
        pair.client.send(
            "GET / HTTP/1.1\r\nHost: app\r\nx-envoy-hedge-on-per-try-timeout: true\r\nx-envoy-upstream-rq-per-try-timeout-ms: 50\r\n\r\n");
        assertEquals("first", pair.client.read(false).body());
      }
    }
  }
}
