package dev.weir.sidecar.attack;

import dev.weir.testkit.TestCa;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever means well by TLS is served while others do not, and no memory is lost to them. */
@Tag("slow")
class TlsAttacksTest {
  /** Of those who mean well: one address has a share of the handshakes that wait. */
  private static final InetAddress OTHER = InetAddress.ofLiteral("127.0.0.2");

  @TempDir private static Path folder;
  private static TestCa ca;
  private static Attacked sidecar;

  @BeforeAll
  static void start() throws IOException {
    ca = TestCa.create(folder, "ca");
    SSLContext client = ca.context();
    sidecar =
        new Attacked(
            folder,
            (hostile, good) -> Bootstrap.tls(hostile, good, ca),
            Bootstrap.TLS,
            port ->
                client
                    .getSocketFactory()
                    .createSocket(InetAddress.getLoopbackAddress(), port, OTHER, 0));
  }

  @AfterAll
  static void stop() throws IOException {
    sidecar.close();
  }

  @AfterEach
  void startAnewWhatIsTooLarge() throws IOException {
    sidecar.startAnewIfTooLarge();
  }

  static List<TlsAttacks.OnListener> attacks() {
    TestCa other = TestCa.create(folder, "other");
    return new TlsAttacks(ca.context(), ca.context(other.issue("stranger.test"))).all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void othersAreServedAndMemoryStays(TlsAttacks.OnListener attack) throws Exception {
    sidecar.bears(attack.attack(), attack.transport(), attack.listener());
  }
}
