package dev.weir.sidecar.member;

import dev.weir.sidecar.token.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * How a member proves who it is to the control plane of its mesh: by a token that the mesh's key
 * signs, until its sidecar has a certificate, and for the next one.
 *
 * @param mesh the runtime folder of the mesh, whose key and roots these are
 * @param token the member's token, a file
 */
record MemberProof(Path mesh, Path token) {
  private static final String TRUST_DOMAIN = "cluster.local";

  /** Who the control plane is. */
  static final String CONTROL_PLANE =
      "spiffe://" + TRUST_DOMAIN + "/ns/weir-system/sa/weir-control-plane";

  private static final Duration LIFETIME = Duration.ofHours(24);
  private static final Duration LEFT_AT_LEAST = Duration.ofHours(12);

  static String spiffeId(Service service) {
    return "spiffe://%s/ns/%s/sa/%s".formatted(TRUST_DOMAIN, service.namespace(), service.name());
  }

  /** What a control plane's certificate must lead to. */
  Path roots() {
    return mesh.resolve("ca/root-cert.pem");
  }

  /**
   * Writes the token anew, now and while this program lives, so that there is always one that holds
   * for hours.
   *
   * @param say is told when that fails, once for each reason
   */
  void keep(Service service, Consumer<String> say) throws IOException {
    write(service);
    CountDownLatch never = new CountDownLatch(1);
    Thread.ofVirtual()
        .name("token")
        .start(() -> {
          Instant written = Instant.now();
          String told = "";
          try {
            // Looked at by the clock on the wall: a machine that sleeps does not wait.
            while (!never.await(1, TimeUnit.MINUTES)) {
              if (Instant.now().isBefore(written.plus(LIFETIME).minus(LEFT_AT_LEAST))) {
                continue;
              }
              try {
                write(service);
                written = Instant.now();
                told = "";
              } catch (IOException e) {
                String problem = "its token is not renewed: " + e.getMessage();
                if (!problem.equals(told)) {
                  say.accept(problem);
                  told = problem;
                }
              }
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private void write(Service service) throws IOException {
    Path beside = token.resolveSibling("token.new");
    Files.deleteIfExists(beside);
    Files.createFile(
        beside, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(
        beside,
        SigningKey.read(mesh.resolve("token-key.pem"))
            .token(spiffeId(service), Optional.empty(), LIFETIME));
    Files.move(beside, token, StandardCopyOption.ATOMIC_MOVE);
  }
}
