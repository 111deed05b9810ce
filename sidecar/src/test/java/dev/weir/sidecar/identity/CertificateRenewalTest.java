package dev.weir.sidecar.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.ca.CertificateAuthority;
import dev.weir.control.ca.Refused;
import dev.weir.control.model.SpiffeId;
import dev.weir.sidecar.config.bootstrap.WorkloadIdentity;
import dev.weir.sidecar.config.tls.IssuedCertificate;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.xds.Backoff;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a certificate is asked for, and what is taken; the CA is the real one, the time is not. */
@Tag("slow")
class CertificateRenewalTest {
  private static final String CART = "spiffe://mesh.test/ns/shop/sa/cart";

  @TempDir Path folder;
  private Instant now = Instant.parse("2030-01-01T00:00:00Z");

  /** By how much the sidecar's time of day is ahead of the CA's. */
  private Duration ahead = Duration.ZERO;

  private final List<Signer.Request> requests = new ArrayList<>();
  private final TreeMap<Instant, Runnable> tasks = new TreeMap<>();
  private final Map<String, Secret.Content> secrets = new TreeMap<>();
  private final List<String> log = new ArrayList<>();
  private CertificateAuthority authority;
  private Duration lifetime = Duration.ofHours(24);
  private int seed = 2;
  private Optional<String> outage = Optional.empty();
  private Optional<List<String>> instead = Optional.empty();

  @SuppressWarnings("NullAway.Init")
  CertificateRenewalTest() {}

  @BeforeEach
  void makeCa() throws IOException {
    authority = authority(folder.resolve("ca"));
  }

  private CertificateAuthority authority(Path ca) throws IOException {
    InstantSource source = () -> now;
    return new CertificateAuthority(
        ca,
        "mesh.test",
        source.withZone(ZoneOffset.UTC),
        System::nanoTime,
        new SecureRandom(),
        line -> {});
  }

  private void sign(Signer.Request request, Consumer<Signer.Answer> then) {
    requests.add(request);
    if (outage.isPresent()) {
      then.accept(new Signer.Answer.Failed(outage.get()));
      return;
    }
    then.accept(
        new Signer.Answer.Signed(instead.orElseGet(() -> issue(authority, request.csr(), CART))));
  }

  private List<String> issue(CertificateAuthority by, String csr, String id) {
    try {
      return by.issue(csr, SpiffeId.parse(id).orElseThrow(), lifetime).chain();
    } catch (Refused e) {
      throw new AssertionError(e);
    }
  }

  private CertificateRenewal start() {
    return start(Optional.empty());
  }

  private CertificateRenewal start(Optional<String> tokenFile) {
    CertificateRenewal renewal =
        new CertificateRenewal(
            new WorkloadIdentity(
                "ca",
                CART,
                folder.resolve("ca/root-cert.pem").toString(),
                tokenFile,
                lifetime,
                "ca"),
            new CertificateRenewal.Parts(
                this::sign,
                (delay, task) -> {
                  Instant at = now.plus(delay);
                  while (tasks.containsKey(at)) {
                    at = at.plusNanos(1);
                  }
                  tasks.put(at, task);
                },
                Backoff.standard(new SplittableRandom(1)),
                new Clock() {
                  @Override
                  public long nanoTime() {
                    return now.toEpochMilli() * 1_000_000;
                  }

                  @Override
                  public long currentTimeMillis() {
                    return now.plus(ahead).toEpochMilli();
                  }
                },
                new SplittableRandom(seed),
                new SecureRandom(),
                secret -> secrets.put(secret.name(), secret.content()),
                (name, reason) -> secrets.remove(name),
                () -> {},
                () -> {},
                log::add));
    renewal.start();
    return renewal;
  }

  private void runUntil(Instant time) {
    while (!tasks.isEmpty() && !tasks.firstKey().isAfter(time)) {
      var first = tasks.pollFirstEntry();
      now = first.getKey();
      first.getValue().run();
    }
    now = time;
  }

  private IssuedCertificate own() {
    return assertInstanceOf(IssuedCertificate.class, secrets.get("default"));
  }

  @Test
  void newKeyIsCertifiedAtHalfOfTheTimeOrATenthBefore() {
    start();
    Instant begin = now;
    IssuedCertificate first = own();
    runUntil(begin.plus(Duration.ofMinutes((long) (24 * 60 * 0.4))).minusSeconds(1));
    assertEquals(1, requests.size());
    runUntil(begin.plus(Duration.ofMinutes((long) (24 * 60 * 0.5))));
    assertEquals(2, requests.size());
    assertNotEquals(
        first.chain().getFirst().getPublicKey(), own().chain().getFirst().getPublicKey());
    assertNotEquals(first.key(), own().key());
    assertEquals(List.of(), log);
  }

  @Test
  void aCaMayBeAwayForAlmostHalfOfALifetimeFromAnyMoment() {
    lifetime = Duration.ofSeconds(40);
    for (seed = 0; seed < 8; seed++) {
      tasks.clear();
      start();
      Instant begin = now;
      for (int moment = 0; moment < 10; moment++) {
        outage = Optional.empty();
        runUntil(begin.plus(lifetime.multipliedBy(moment).dividedBy(10)));
        outage = Optional.of("it is away");
        long away = (long) (0.45 * lifetime.toMillis());
        for (int step = 1; step <= 10; step++) {
          runUntil(now.plusMillis(away / 10));
          assertTrue(secrets.containsKey("default"), "seed " + seed + ", moment " + moment);
        }
        outage = Optional.empty();
        runUntil(now.plus(lifetime.dividedBy(20)));
        assertTrue(secrets.containsKey("default"), "seed " + seed + ", moment " + moment);
        begin = now;
      }
    }
  }

  @Test
  void missIsToldFromTheFirstOnWithWhenItEnds() {
    CertificateRenewal renewal = start();
    Instant begin = now;
    outage = Optional.of("it is away");
    runUntil(begin.plus(Duration.ofHours(23)));
    assertTrue(requests.size() > 100, requests.size() + " tries");
    assertEquals(
        2, requests.stream().map(Signer.Request::csr).distinct().count(), "a key for each of two");
    assertEquals(
        List.of(
            "identity: the certificate is not renewed, and ends at 2030-01-02T00:00:00Z: it is"
                + " away"),
        log);
    assertTrue(renewal.status().failingSince().isPresent());
    assertEquals(Optional.empty(), renewal.status().lacking(now));
    outage = Optional.empty();
    runUntil(now.plusSeconds(11));
    assertTrue(log.getLast().startsWith("identity: certified again, until 2030-01-02T23:0"));
    assertEquals(Optional.empty(), renewal.status().failingSince());
  }

  @Test
  void certificateThatHasEndedIsTakenAway() {
    CertificateRenewal renewal = start();
    Instant begin = now;
    outage = Optional.of("it is away");
    runUntil(begin.plus(Duration.ofHours(24)).minusSeconds(1));
    assertTrue(secrets.containsKey("default"));
    runUntil(begin.plus(Duration.ofHours(24)).plusSeconds(1));
    assertFalse(secrets.containsKey("default"));
    assertEquals(
        Optional.of("the certificate ended at 2030-01-02T00:00:00Z: it is away"),
        renewal.status().lacking(now));
    outage = Optional.empty();
    runUntil(now.plusSeconds(11));
    assertTrue(secrets.containsKey("default"));
  }

  @Test
  void timeOfDayThatJumpsAheadBringsTheNextCertificate() {
    start();
    runUntil(now.plusSeconds(60));
    ahead =
        Duration.ofHours(13); // as after a sleep, of which the machine's other clock knows nothing
    runUntil(now.plusSeconds(31));
    assertEquals(2, requests.size());
    assertTrue(secrets.containsKey("default"));
  }

  @Test
  void timeOfDayThatJumpsBackDelaysNoRequestAndTheClockIsNamed() {
    start();
    ahead = Duration.ofMinutes(-90);
    runUntil(now.plus(Duration.ofHours(9)));
    assertEquals(1, requests.size());
    runUntil(now.plus(Duration.ofHours(3)));
    assertTrue(requests.size() > 1);
    assertTrue(secrets.containsKey("default"));
    assertTrue(
        log.getFirst()
            .matches(
                "identity: the certificate is not renewed, .*: the CA's answer begins at .*, and"
                    + " here it is .*: a clock is wrong"),
        log.toString());
    ahead = Duration.ZERO;
    runUntil(now.plusSeconds(11));
    assertTrue(log.getLast().startsWith("identity: certified again"), log.toString());
  }

  @Test
  void certificateThatEndedByAJumpIsTakenAway() {
    start();
    outage = Optional.of("it is away");
    ahead = Duration.ofHours(25);
    runUntil(now.plusSeconds(31));
    assertFalse(secrets.containsKey("default"));
    assertEquals(
        "identity: the certificate ended at 2030-01-02T00:00:00Z; nobody is called or answered by"
            + " TLS with it: it is away",
        log.getLast());
  }

  @Test
  void answerThatIsNotWhatWasAskedForIsNotTaken() {
    KeyRequest strange = KeyRequest.make(CART, new SecureRandom());
    instead = Optional.of(issue(authority, strange.csr(), CART));
    CertificateRenewal renewal = start();
    assertEquals(
        Optional.of("no certificate yet: the CA's answer is for another key"),
        renewal.status().lacking(now));

    for (List<String> none : List.of(List.<String>of(), List.of("x", "y"))) {
      instead = Optional.of(none);
      runUntil(now.plusSeconds(11));
      assertFalse(secrets.containsKey("default"));
    }
    assertEquals(3, log.size(), log.toString());
  }

  @Test
  void certificateThatDoesNotLeadToTheRootsIsNotTaken() throws IOException {
    CertificateAuthority second = authority(folder.resolve("second"));
    KeyRequest request = KeyRequest.make(CART, new SecureRandom());
    List<String> chain = issue(second, request.csr(), CART);
    List<String> mixed =
        List.of(chain.getFirst(), Files.readString(folder.resolve("ca/root-cert.pem")));
    IllegalArgumentException wrong =
        assertThrows(
            IllegalArgumentException.class, () -> Issued.of(mixed, request.publicKey(), CART, now));
    assertTrue(
        String.valueOf(wrong.getMessage())
            .startsWith("the CA's answer does not lead to its roots: "),
        wrong.getMessage());
    Instant late = now.plus(Duration.ofDays(2));
    assertTrue(
        String.valueOf(
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Issued.of(chain, request.publicKey(), CART, late))
                    .getMessage())
            .contains(
                "ended at 2030-01-02T00:00:00Z, and here it is 2030-01-03T00:00:00Z: a clock is"
                    + " wrong"));
  }

  @Test
  void tokenIsReadAnewForEachRequest() throws IOException {
    Path token = folder.resolve("token");
    Files.writeString(token, "one\n");
    start(Optional.of(token.toString()));
    Files.writeString(token, "two");
    runUntil(now.plus(Duration.ofHours(15)));
    assertEquals(
        List.of(Optional.of("one"), Optional.of("two")),
        requests.stream().map(Signer.Request::token).toList());
    Files.delete(token);
    runUntil(now.plus(Duration.ofHours(15)));
    assertEquals(2, requests.size());
    assertTrue(log.getFirst().endsWith(": token_file: there is no " + token), log.toString());
  }

  @Test
  void rootFileThatComesLaterIsTaken() throws IOException {
    Path root = folder.resolve("ca/root-cert.pem");
    String text = Files.readString(root);
    Files.delete(root);
    CertificateRenewal renewal = start();
    assertEquals(
        Optional.of("no certificate yet: root_file: there is no " + root),
        renewal.status().lacking(now));
    Files.writeString(root, text);
    runUntil(now.plusSeconds(11));
    assertEquals(Optional.empty(), renewal.status().lacking(now));
  }
}
