package dev.weir.sidecar.filter.http.jwtauthn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.UpstreamFilters;
import dev.weir.sidecar.cluster.lb.LoadBalancers;
import dev.weir.sidecar.pool.Connector;
import dev.weir.sidecar.pool.Pools;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.testkit.HandClock;
import dev.weir.sidecar.testkit.Resources;
import dev.weir.sidecar.testkit.TestLoops;
import dev.weir.sidecar.transport.ClusterTransports;
import dev.weir.testkit.Await;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeySourceTest {
  private static final Duration CACHED = Duration.ofMinutes(5);

  private final Loops loops = TestLoops.of(1);
  private final Stats stats = new Stats(1);
  private final HandClock clock = new HandClock();
  private final Semaphore told = new Semaphore(0);
  private final AtomicInteger fetches = new AtomicInteger();
  private final Semaphore answers = new Semaphore(100);
  private final AtomicInteger curves = new AtomicInteger();
  private volatile int status = 200;
  private TestUpstream idp;
  private KeySource source;

  @BeforeEach
  void start() throws IOException {
    idp =
        TestUpstream.start((request, out) -> {
          fetches.incrementAndGet();
          try {
            assertTrue(answers.tryAcquire(10, TimeUnit.SECONDS));
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          return TestUpstream.reply(out, status, set());
        });
    ClusterManager clusters =
        new ClusterManager(
            loops,
            stats,
            LoadBalancers::of,
            config -> ClusterTransports.plain(),
            UpstreamFilters.NONE);
    clusters.put(
        List.of(
            Resources.cluster(
                """
                name: idp
                type: STATIC
                load_assignment:
                  cluster_name: idp
                  endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
                """
                    .formatted(idp.port()))),
        Map.of());
    AsyncClient client =
        new AsyncClient(clusters, new Pools(loops.get(0), stats.slab(0), new Connector(loops), 8));
    source =
        KeySource.of(
            new JwtConfig.Keys.Remote("idp", "idp", "/keys", Duration.ofSeconds(5), CACHED),
            () -> client,
            clock,
            curves::incrementAndGet);
  }

  @AfterEach
  void stop() throws IOException {
    loops.close();
    idp.close();
  }

  /** Another key each time. */
  private static String set() {
    try {
      return new JWKSet(new ECKeyGenerator(Curve.P_256).keyID("k").generate().toPublicJWK())
          .toString();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  private boolean ask(boolean better) {
    return source.ask(better, told::release);
  }

  private void awaitAnswer() throws InterruptedException {
    assertTrue(told.tryAcquire(10, TimeUnit.SECONDS));
  }

  private KeySet first() throws InterruptedException {
    assertTrue(ask(false));
    awaitAnswer();
    assertFalse(ask(false));
    return java.util.Objects.requireNonNull(source.keys());
  }

  @Test
  void oldKeysDoUntilTheNextOnesAreThere() throws Exception {
    KeySet first = first();
    assertEquals(1, curves.get());
    clock.advance(CACHED.minusSeconds(1));
    assertFalse(ask(false));
    assertEquals(1, fetches.get());
    clock.advance(Duration.ofSeconds(1));
    assertFalse(ask(false), "they are asked for, and not waited for");
    Await.until(() -> source.keys() != first);
    assertEquals(2, fetches.get());
  }

  @Test
  void keysThatNobodyAskedForInTwiceTheirTimeAreWaitedFor() throws Exception {
    KeySet first = first();
    clock.advance(CACHED.multipliedBy(2));
    assertTrue(ask(false), "a key may have been withdrawn");
    awaitAnswer();
    assertNotSame(first, source.keys());
  }

  @Test
  void oldKeysHoldWhileTheSourceIsAwayAndNobodyWaitsForItThen() throws Exception {
    KeySet first = first();
    status = 500;
    clock.advance(CACHED.multipliedBy(2));
    assertTrue(ask(false));
    awaitAnswer();
    assertSame(first, source.keys());
    assertFalse(ask(false), "it has been asked a moment ago");

    clock.advance(Duration.ofSeconds(6));
    status = 200;
    assertFalse(ask(false), "it is asked, and not waited for");
    Await.until(() -> source.keys() != first);
    assertEquals(3, fetches.get());
  }

  /** A stranger names a key that nobody has, and the source hangs: he alone waits. */
  @Test
  void sourceThatHangsKeepsNobodyWaitingWhoseKeyIsThere() throws Exception {
    first();
    clock.advance(Duration.ofSeconds(6));
    answers.drainPermits();
    assertTrue(ask(true));
    assertFalse(ask(false));
    clock.advance(Duration.ofSeconds(6));
    assertFalse(ask(false));
    answers.release();
    awaitAnswer();
    assertFalse(ask(true), "the last answer came a moment ago, however long it took");
    assertEquals(2, fetches.get());
  }

  @Test
  void betterKeysAreAskedForSeldom() throws Exception {
    first();
    assertFalse(ask(true));
    clock.advance(Duration.ofSeconds(6));
    assertTrue(ask(true));
    awaitAnswer();
    assertFalse(ask(true));
    assertEquals(2, fetches.get());
  }
}
