package dev.weir.sidecar.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.config.cluster.DnsDiscovery.Family;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostsFileTest {
  @TempDir private Path folder;
  private Path file;
  private HostsFile hosts;

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("hosts");
    write("127.0.0.1 localhost\n::1 localhost ip6-localhost\n10.0.0.7 Cart cart.shop # both\n", 1);
    hosts = new HostsFile(file);
  }

  private void write(String text, long changedAt) throws IOException {
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, FileTime.fromMillis(changedAt * 10_000));
  }

  private static Optional<Answer> found(String... addresses) {
    return Optional.of(new Answer.Found(List.of(addresses), Duration.ZERO));
  }

  @Test
  void familyChoosesAmongTheAddresses() {
    assertEquals(found("::1"), hosts.lookUp("localhost", Family.AUTO));
    assertEquals(found("127.0.0.1"), hosts.lookUp("localhost", Family.V4_PREFERRED));
    assertEquals(found("127.0.0.1"), hosts.lookUp("localhost", Family.V4_ONLY));
    assertEquals(found("::1"), hosts.lookUp("localhost", Family.V6_ONLY));
    assertEquals(found("127.0.0.1", "::1"), hosts.lookUp("localhost", Family.ALL));
  }

  @Test
  void nameIsFoundInWhateverCaseWithAndWithoutItsLastDot() {
    assertEquals(found("10.0.0.7"), hosts.lookUp("cart", Family.AUTO));
    assertEquals(found("10.0.0.7"), hosts.lookUp("CART.shop.", Family.AUTO));
  }

  @Test
  void nameWithoutAnAddressOfTheFamilyIsKnownAllTheSame() {
    assertEquals(found(), hosts.lookUp("cart", Family.V6_ONLY));
    assertEquals(Optional.empty(), hosts.lookUp("other", Family.ALL));
  }

  @Test
  void fileThatHasChangedIsReadAgain() throws IOException {
    assertEquals(found("10.0.0.7"), hosts.lookUp("cart", Family.AUTO));

    write("10.0.0.8 cart\n", 2);
    assertEquals(found("10.0.0.8"), hosts.lookUp("cart", Family.AUTO));

    Files.delete(file);
    assertEquals(Optional.empty(), hosts.lookUp("cart", Family.AUTO));
  }
}
