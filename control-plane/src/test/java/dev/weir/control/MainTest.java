package dev.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.source.file.Folders;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The program: what it prints, and how it ends. */
@Tag("slow")
class MainTest {
  private static final String EXAMPLES = Golden.REPOSITORY.resolve("examples/shop").toString();

  @TempDir Path folder;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void saysWhereItListensAndStopsAtASignal() throws Exception {
    Process process =
        program(
                "--config",
                EXAMPLES,
                "--listen",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0",
                "--state",
                "none")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      assertTrue(
          line.matches(
              "control plane: ADS on 127.0.0.1:[1-9]\\d*, admin on http://127.0.0.1:[1-9]\\d*"),
          line);
      process.destroy();
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  private static InetSocketAddress at(String address) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), 15014);
  }

  @Test
  void saysWhatWhoeverReachesItCanDo() {
    assertEquals(
        "control plane: ADS on 0.0.0.0:15014, admin on http://127.0.0.1:15014",
        Main.started(at("0.0.0.0"), at("127.0.0.1")));
    assertEquals(
        "control plane: ADS on 127.0.0.1:15014, admin on http://0.0.0.0:15014, OPEN: whoever"
            + " reaches it can read all of its pages; nobody is asked who he is",
        Main.started(at("127.0.0.1"), at("0.0.0.0")));
    assertEquals(Optional.empty(), Main.plain(true, at("0.0.0.0")));
    assertTrue(Main.plain(false, at("127.0.0.1")).orElseThrow().contains("plain text on loopback"));
    assertTrue(
        Main.plain(false, at("192.0.2.7"))
            .orElseThrow()
            .startsWith("control plane: INSECURE: plain text on 192.0.2.7:15014; whoever reaches"));
  }

  @Test
  void saysWhatIsInForce() throws IOException {
    assertEquals("nothing is in force", inForce());
    Files.writeString(
        folder.resolve("a.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: cart}
        spec: {ports: [{name: http, port: 8080}]}
        """);
    assertEquals("all of the folder is in force", inForce());
    Files.writeString(folder.resolve("b.yaml"), "nonsense: [");
    assertEquals("what is right is in force; the above is not", inForce());
  }

  private String inForce() {
    return Main.inForce(Folders.scan(folder), "folder");
  }

  @Test
  void wrongUsageIsALine() {
    Path none = folder.resolve("none");
    assertEquals(2, run("--config", none.toString()));
    assertEquals(2, run());
    assertEquals(2, run("--confg", EXAMPLES));
    assertEquals(2, run("--config", EXAMPLES, "--listen", "15010"));
    assertEquals(
        List.of(
            "weir control-plane: --config: " + none + " is not a folder",
            "weir control-plane: give --config DIR, or --kubernetes, or both",
            "weir control-plane: Unknown options: '--confg', '%s'; did you mean \"--config\"?"
                .formatted(EXAMPLES),
            "weir control-plane: Invalid value for option '--listen': \"15010\" is not an address"
                + " and port, as 127.0.0.1:15010"),
        err.toString(StandardCharsets.UTF_8)
            .lines()
            .map(line -> line.replace("; see weir control-plane --help", ""))
            .toList());
  }

  private String refusal(int status, String... arguments) {
    List<String> all =
        new ArrayList<>(
            List.of("--config", EXAMPLES, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"));
    all.addAll(List.of("--state", "none", "--ca", folder.resolve("ca").toString()));
    all.addAll(List.of(arguments));
    assertEquals(status, run(all.toArray(String[]::new)), err::toString);
    return err.toString(StandardCharsets.UTF_8)
        .lines()
        .toList()
        .getLast()
        .replace("weir control-plane: ", "")
        .replace("; see weir control-plane --help", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "", "a..b", ".a", "a/b", "a.*.b", "10.0.0.1:80"})
  void nameThatNobodyCallsIsRefused(String name) {
    assertEquals(
        "Invalid value for option '--tls-name': \"%s\" is neither a host's name, as weir.example,"
                .formatted(name)
            + " nor an IPv4 address",
        refusal(2, "--tls-name", name));
  }

  @Test
  void trustDomainThatIsNoneIsRefused() {
    assertEquals(
        "Invalid value for option '--trust-domain': \"a b\" is no trust domain, as cluster.local:"
            + " names of lower case letters, digits, dashes and underscores, with dots between",
        refusal(2, "--trust-domain", "a b"));
  }

  /** One line, without the names of classes. */
  @Test
  void keyOfTokensThatIsNoneEndsTheStart() throws IOException {
    Path key = Files.writeString(folder.resolve("key.pem"), "no key");
    assertEquals(
        "--token-key: "
            + key
            + " has no P-256 key, PKCS #8 in PEM, as openssl genpkey -algorithm EC -pkeyopt"
            + " ec_paramgen_curve:P-256 writes it",
        refusal(1, "--token-key", key.toString()));
  }

  @Test
  void halfOfACaEndsTheStart() throws IOException {
    Path ca = Files.createDirectory(folder.resolve("ca"));
    Files.writeString(ca.resolve("ca-key.pem"), "");
    assertEquals(
        ca
            + " has ca-key.pem and no ca-cert.pem: bring that, or take the first away to have a new"
            + " root made",
        refusal(1));
  }

  /** A process of its own: the JDK's HTTP server keeps the socket of an address it cannot have. */
  @ParameterizedTest
  @CsvSource({"--listen, --admin", "--admin, --listen"})
  void portInUseIsOneLineAndNothingIsSaidToBeInForce(String taken, String free) throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + socket.getLocalPort();
      Process process =
          program("--config", EXAMPLES, taken, address, free, "127.0.0.1:0", "--state", "none")
              .redirectErrorStream(true)
              .start();
      // SLF4J is on the path of the tests alone.
      List<String> said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("SLF4J"))
              .toList();
      assertEquals(1, process.waitFor());
      assertEquals(
          "weir control-plane: "
              + taken
              + ": cannot listen on "
              + address
              + ": the port is in use; stop what listens there, or choose another",
          String.join("\n", said));
    }
  }

  /** Its port for the admin is taken, so that it ends by itself. */
  private List<String> ended(String jvm, String... arguments) throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String taken = "127.0.0.1:" + socket.getLocalPort();
      ProcessBuilder program =
          program("--config", EXAMPLES, "--listen", "127.0.0.1:0", "--admin", taken);
      program.command().add(1, jvm);
      program.command().addAll(List.of("--state", "none"));
      program.command().addAll(List.of(arguments));
      Process process = program.redirectErrorStream(true).start();
      List<String> said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .toList();
      assertEquals(1, process.waitFor());
      return said;
    }
  }

  private boolean loadsOpenSsl(String... arguments) throws Exception {
    Path classes = folder.resolve("classes");
    ended("-Xlog:class+load:file=" + classes, arguments);
    try (Stream<String> lines = Files.lines(classes)) {
      return lines.anyMatch(line -> line.contains(" io.netty.handler.ssl.OpenSsl "));
    }
  }

  /** It takes time, and memory outside of the heap. */
  @Test
  void boringSslIsLoadedForAPortOfTlsAlone() throws Exception {
    assertFalse(loadsOpenSsl());
    assertTrue(loadsOpenSsl("--ca", folder.resolve("ca").toString()));
  }

  @Test
  void unknownProviderOfTlsEndsTheStart() throws Exception {
    assertEquals(
        "weir control-plane: weir.tls.provider: must be boringssl or jdk, not openssl",
        ended("-Dweir.tls.provider=openssl", "--ca", folder.resolve("ca").toString()).getLast());
  }

  private static ProcessBuilder program(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  private int run(String... arguments) {
    return Main.run(arguments, System.out, new PrintStream(err, true, StandardCharsets.UTF_8));
  }
}
