package dev.weir.sidecar.member;

import dev.weir.sidecar.member.names.Service;
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
 * The token of a member whose control plane is its mesh's own: the mesh's key signs it.
 *
 * @param mesh the runtime folder of the mesh, whose key and roots these are
 * @param token the file
 */
record OwnToken(Path mesh, Path token) {
  private static final String TRUST_DOMAIN = "cluster.local";
  private static final Duration LIFETIME = Duration.ofHours(24);
  private static final Duration LEFT_AT_LEAST = Duration.ofHours(12);

  MemberProof proof() {
    return new MemberProof(TRUST_DOMAIN, mesh.resolve("ca/root-cert.pem"), token);
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
            .token(proof().spiffeId(service), Optional.empty(), LIFETIME));
    Files.move(beside, token, StandardCopyOption.ATOMIC_MOVE);
  }
}
