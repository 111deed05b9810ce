package dev.weir.sidecar.identity;

import dev.weir.sidecar.config.bootstrap.WorkloadIdentity;
import dev.weir.sidecar.config.tls.DataSource;
import dev.weir.sidecar.config.tls.IssuedCertificate;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.config.tls.ValidationContext;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.xds.Backoff;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps this workload certified: a first certificate, a new one with a new key at half of the time
 * of each or a tenth before, and again and again where the CA does not give one: so a CA may be
 * away for 0.45 of that time, from any moment. What has ended is taken away, so that nothing is
 * begun with it. Control thread, but for {@link #status}.
 */
public final class CertificateRenewal {
  private static final long MOST_BYTES = 1 << 20;
  private static final double LATEST = 0.5;
  private static final double EARLIER = 0.1;

  /** Of what is left of a certificate's time, between two tries. */
  private static final int PARTS_OF_REST = 8;

  private static final Duration SHORTEST = Duration.ofMillis(200);

  /** Between two looks at the time of day, which jumps when it is set or a machine was asleep. */
  private static final Duration LOOK = Duration.ofSeconds(30);

  /**
   * What it is made of.
   *
   * @param later runs a task later on the control thread
   * @param random for how long to wait
   * @param keys for keys
   * @param put takes over a secret
   * @param withdraw takes a secret away: nothing is begun with it, for the reason given
   * @param renewed is called when a certificate is in force
   * @param failed is called at each try that came to nothing
   * @param log told what happens, a line each
   */
  public record Parts(
      Signer signer,
      BiConsumer<Duration, Runnable> later,
      Backoff backoff,
      Clock clock,
      RandomGenerator random,
      SecureRandom keys,
      Consumer<Secret> put,
      BiConsumer<String, String> withdraw,
      Runnable renewed,
      Runnable failed,
      Log log) {}

  private final WorkloadIdentity config;
  private final Parts parts;
  private volatile IdentityStatus status;
  private String rootText = "";
  private @Nullable X509Certificate current;

  /** The next certificate's, asked for until the CA certifies it. */
  private @Nullable KeyRequest next;

  private String lastTold = "";
  private boolean closed;

  public CertificateRenewal(WorkloadIdentity config, Parts parts) {
    this.config = config;
    this.parts = parts;
    this.status = new IdentityStatus(config.spiffeId(), List.of(), List.of(), "", Optional.empty());
  }

  /** As it is now. Any thread. */
  public IdentityStatus status() {
    return status;
  }

  public void start() {
    attempt();
  }

  /** Asks no more. */
  public void close() {
    closed = true;
  }

  private Instant now() {
    return Instant.ofEpochMilli(parts.clock().currentTimeMillis());
  }

  private void attempt() {
    if (closed) {
      return;
    }
    Optional<String> token;
    try {
      readRoots();
      token = token();
    } catch (IOException | IllegalArgumentException e) {
      failed(String.valueOf(e.getMessage()));
      return;
    }
    KeyRequest request = next();
    parts
        .signer()
        .sign(
            new Signer.Request(request.csr(), config.lifetime(), token),
            answer -> answered(request, answer));
  }

  private KeyRequest next() {
    KeyRequest known = next;
    if (known == null) {
      known = KeyRequest.make(config.spiffeId(), parts.keys());
      next = known;
    }
    return known;
  }

  /**
   * Those of the file count until the CA has said which they are, and when the file has changed.
   */
  private void readRoots() throws IOException {
    boolean first = rootText.isEmpty();
    if (!first && status.failingSince().isEmpty()) {
      return;
    }
    String text = file("root_file", config.rootFile());
    if (!text.equals(rootText)) {
      List<X509Certificate> roots;
      try {
        roots = Certificates.of(text);
      } catch (IllegalArgumentException e) {
        throw new IOException("root_file: " + config.rootFile() + " " + e.getMessage(), e);
      }
      rootText = text;
      trust(text);
      status =
          new IdentityStatus(
              config.spiffeId(), status.chain(), roots, status.failure(), status.failingSince());
    }
  }

  private void trust(String pem) {
    parts
        .put()
        .accept(
            new Secret(
                WorkloadIdentity.ROOTS,
                new ValidationContext(
                    Optional.of(new DataSource.Inline(pem.getBytes(StandardCharsets.US_ASCII))),
                    List.of(),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    false,
                    Optional.empty())));
  }

  private Optional<String> token() throws IOException {
    if (config.tokenFile().isEmpty()) {
      return Optional.empty();
    }
    String token = file("token_file", config.tokenFile().get()).strip();
    if (!token.matches("[\\x21-\\x7e]+")) {
      throw new IOException("token_file: " + config.tokenFile().get() + " has no token");
    }
    return Optional.of(token);
  }

  private static String file(String field, String name) throws IOException {
    Path file = Path.of(name);
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new IOException(field + ": " + file + " is over " + MOST_BYTES + " bytes");
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new IOException(field + ": there is no " + file, e);
    }
  }

  private void answered(KeyRequest request, Signer.Answer answer) {
    if (closed) {
      return;
    }
    switch (answer) {
      case Signer.Answer.Failed(String reason) -> failed(reason);
      case Signer.Answer.Signed(List<String> chain) -> {
        Issued issued;
        try {
          issued = Issued.of(chain, request.publicKey(), config.spiffeId(), now());
        } catch (IllegalArgumentException e) {
          failed(String.valueOf(e.getMessage()));
          return;
        }
        take(issued, request, chain.getLast());
      }
    }
  }

  private void take(Issued issued, KeyRequest request, String roots) {
    X509Certificate certificate = issued.chain().getFirst();
    Optional<Instant> failing = status.failingSince();
    current = certificate;
    next = null;
    trust(roots); // before what is shown to those who trust it
    parts
        .put()
        .accept(
            new Secret(
                WorkloadIdentity.CERTIFICATE,
                new IssuedCertificate(issued.chain(), request.privateKey())));
    // Last: who reads here that there is one may use it.
    status =
        new IdentityStatus(config.spiffeId(), issued.chain(), issued.roots(), "", Optional.empty());
    parts.backoff().reset();
    if (failing.isPresent()) {
      parts.log().info("identity: certified again, until " + ends(certificate));
    }
    lastTold = "";
    Duration left = Duration.between(now(), ends(certificate));
    double share = LATEST - EARLIER * parts.random().nextDouble();
    Duration delay = Duration.ofMillis((long) (left.toMillis() * share));
    renew(certificate, now().plus(delay), parts.clock().nanoTime() + delay.toNanos());
    expire(certificate);
    parts.renewed().run();
  }

  private static Instant ends(X509Certificate certificate) {
    return certificate.getNotAfter().toInstant();
  }

  private void later(Duration delay, Runnable task) {
    parts.later().accept(delay.compareTo(SHORTEST) < 0 ? SHORTEST : delay, task);
  }

  /** When it is time by the day's or by the time that has passed: a clock may have been set. */
  private void renew(X509Certificate certificate, Instant due, long dueNanos) {
    if (closed || certificate != current) {
      return;
    }
    Duration left = Duration.between(now(), due);
    Duration passing = Duration.ofNanos(dueNanos - parts.clock().nanoTime());
    Duration first = left.compareTo(passing) < 0 ? left : passing;
    if (first.isPositive()) {
      look(first, () -> renew(certificate, due, dueNanos));
    } else {
      attempt();
    }
  }

  private void look(Duration left, Runnable task) {
    later(left.compareTo(LOOK) < 0 ? left : LOOK, task);
  }

  private void expire(X509Certificate certificate) {
    if (closed || certificate != current) {
      return;
    }
    Duration left = Duration.between(now(), ends(certificate));
    if (left.isPositive()) {
      look(left, () -> expire(certificate));
      return;
    }
    parts
        .withdraw()
        .accept(WorkloadIdentity.CERTIFICATE, "the certificate ended at " + ends(certificate));
    parts
        .log()
        .accept(
            "identity: the certificate ended at "
                + ends(certificate)
                + "; nobody is called or answered by TLS with it"
                + (status.failure().isEmpty() ? "" : ": " + status.failure()));
  }

  private void failed(String reason) {
    status =
        new IdentityStatus(
            config.spiffeId(),
            status.chain(),
            status.roots(),
            reason,
            Optional.of(status.failingSince().orElseGet(this::now)));
    if (!reason.equals(lastTold)) {
      lastTold = reason;
      X509Certificate certificate = current;
      parts
          .log()
          .accept(
              certificate == null
                  ? "identity: no certificate yet, and so not ready: " + reason
                  : "identity: the certificate is not renewed, and ends at "
                      + ends(certificate)
                      + ": "
                      + reason);
    }
    parts.failed().run();
    later(untilNextTry(), this::attempt);
  }

  private Duration untilNextTry() {
    Duration usual = parts.backoff().next();
    X509Certificate certificate = current;
    if (certificate == null) {
      return usual;
    }
    Duration rest = Duration.between(now(), ends(certificate)).dividedBy(PARTS_OF_REST);
    return rest.isPositive() && rest.compareTo(usual) < 0 ? rest : usual;
  }
}
