package dev.weir.sidecar.egress.program;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.egress.NameQuestion;
import dev.weir.testkit.TestDnsServer;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostNamesTest {
  private static final String ADDRESS = "c0000207"; // 192.0.2.7
  private static final int SERVFAIL = 2;
  private static final int NXDOMAIN = 3;

  @TempDir Path folder;
  private TestDnsServer dns;

  @BeforeEach
  void start() throws IOException {
    dns = new TestDnsServer();
    dns.answer("db.test", 60, "192.0.2.7");
  }

  @AfterEach
  void stop() throws Exception {
    dns.close();
  }

  private InetSocketAddress server() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), dns.port());
  }

  private static byte[] question(String name) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(HexFormat.of().parseHex("12340100000100000000" + "0000"));
    for (String label : name.split("\\.")) {
      out.writeByte(label.length());
      out.write(label.getBytes(US_ASCII));
    }
    out.write(HexFormat.of().parseHex("0000010001"));
    return bytes.toByteArray();
  }

  private byte[] ask(byte transport, String name, int patienceMillis, InetSocketAddress... servers)
      throws IOException {
    Path door = folder.resolve("names");
    try (HostNames _ =
        HostNames.open(door, () -> List.of(servers), Duration.ofMillis(patienceMillis))) {
      return NameQuestion.ask(door, transport, question(name));
    }
  }

  private static int code(byte[] answer) {
    return answer[3] & 0xf;
  }

  @ParameterizedTest
  @ValueSource(bytes = {NameQuestion.UDP, NameQuestion.TCP})
  void aQuestionIsAnsweredByTheNetworksServerInTheWayItCame(byte transport) throws IOException {
    byte[] answer = ask(transport, "db.test", 10_000, server());

    assertEquals(ADDRESS, HexFormat.of().formatHex(answer, answer.length - 4, answer.length));
    assertEquals(
        List.of(transport == NameQuestion.TCP ? "db.test A tcp" : "db.test A"), dns.questions());
  }

  @Test
  void whatAServerDeniesIsDenied() throws IOException {
    assertEquals(NXDOMAIN, code(ask(NameQuestion.UDP, "none.test", 10_000, server())));
  }

  @Test
  void theNextServerIsAskedWhenOneIsNotThere() throws IOException {
    InetSocketAddress nobody = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9);

    byte[] answer = ask(NameQuestion.UDP, "db.test", 20_000, nobody, server());

    assertEquals(0, code(answer));
  }

  @Test
  void thatNobodyAnswersIsAnAnswer() throws IOException {
    dns.ignore("silent.test");

    byte[] answer = ask(NameQuestion.UDP, "silent.test", 100, server());

    assertEquals(SERVFAIL, code(answer));
    assertEquals("1234", HexFormat.of().formatHex(answer, 0, 2));
  }

  @Test
  void withoutTheProgramNobodyAnswers() throws IOException {
    assertEquals(
        SERVFAIL,
        code(NameQuestion.ask(folder.resolve("gone"), NameQuestion.UDP, question("db.test"))));
  }
}
