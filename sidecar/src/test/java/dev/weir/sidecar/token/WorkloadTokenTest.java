package dev.weir.sidecar.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weir.control.token.TokenKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkloadTokenTest {
  @TempDir Path folder;

  private Path token(String subject) throws IOException {
    Path key = folder.resolve("key.pem");
    new TokenKeys(folder.resolve("tokens"), line -> {}).trust(key);
    return Files.writeString(
        folder.resolve("token"),
        SigningKey.read(key).token(subject, Optional.empty(), Duration.ofHours(1)) + "\n");
  }

  @ParameterizedTest
  @CsvSource({
    "spiffe://mesh.test/ns/shop/sa/cart, mesh.test",
    "system:serviceaccount:shop:cart, cluster.local"
  })
  void theSubjectIsTheWorkload(String subject, String trustDomain) throws IOException {
    WorkloadToken token = WorkloadToken.read(token(subject));

    assertEquals(trustDomain, token.trustDomain());
    assertEquals("shop/cart", token.fullName());
    assertEquals(
        0,
        Math.abs(
                ChronoUnit.SECONDS.between(
                    Instant.now().plus(Duration.ofHours(1)), token.ends().orElseThrow()))
            / 60);
  }

  @Test
  void aSubjectThatIsNoWorkloadIsSaidWithItsFile() throws IOException {
    Path file = token("somebody");

    assertEquals(
        file
            + ": the token's subject \"somebody\" is neither"
            + " spiffe://TRUST_DOMAIN/ns/NAMESPACE/sa/NAME nor"
            + " system:serviceaccount:NAMESPACE:NAME",
        assertThrows(IOException.class, () -> WorkloadToken.read(file)).getMessage());
  }
}
