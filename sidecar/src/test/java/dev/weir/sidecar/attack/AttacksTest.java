package dev.weir.sidecar.attack;

import dev.weir.testkit.Attack;
import dev.weir.testkit.Http2Attacks;
import dev.weir.testkit.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever means well is served while others do not, and no memory is lost to them. */
@Tag("slow")
class AttacksTest {
  @TempDir private static Path folder;
  private static Attacked sidecar;

  @BeforeAll
  static void start() throws IOException {
    sidecar =
        new Attacked(
            folder,
            Bootstrap::plain,
            Bootstrap.PLAIN,
            port -> new Socket(InetAddress.getLoopbackAddress(), port));
  }

  @AfterAll
  static void stop() throws IOException {
    sidecar.close();
  }

  @AfterEach
  void startAnewWhatIsTooLarge() throws IOException {
    sidecar.startAnewIfTooLarge();
  }

  static List<Attack> http2() {
    return Http2Attacks.all(
        Http2Attacks.request("GET", "/"),
        Http2Attacks.request("GET", "/big"),
        Http2Attacks.request("POST", "/"));
  }

  static Stream<Attack> attacks() {
    return Stream.concat(Http1Attacks.all().stream(), http2().stream());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void othersAreServedAndMemoryStays(Attack attack) throws Exception {
    sidecar.bears(attack, Transport.PLAIN, Bootstrap.PLAIN);
  }
}
