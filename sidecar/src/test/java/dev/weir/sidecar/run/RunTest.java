package dev.weir.sidecar.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.token.TokenKeys;
import dev.weir.sidecar.token.SigningKey;
import dev.weir.testkit.TestCa;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line of {@code weir run}, and what the launcher makes of it. */
class RunTest {
  @TempDir Path folder;

  private Path plan() {
    return folder.resolve("plan");
  }

  /** Status and what is said. */
  private String run(String... options) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] words =
        Stream.of(
                Stream.of("--config=" + folder, "--service=shop/cart"),
                Stream.of(options),
                Stream.of("--", "true"))
            .flatMap(part -> part)
            .toArray(String[]::new);
    int status =
        Main.run(
            words,
            System.out,
            new PrintStream(err, true, StandardCharsets.UTF_8),
            plan().toString());
    return status + " " + err.toString(StandardCharsets.UTF_8).strip();
  }

  @Test
  void thePlanHasWhatWasSaidAndWhatWasNot() throws IOException {
    assertEquals("0", run().strip());

    assertEquals(
        List.of(
            "config=" + folder,
            "service=shop/cart",
            "isolated=",
            "option=--restart=no",
            "option=--stop-grace=10000ms"),
        List.of(Files.readString(plan()).split("\0")));
  }

  @Test
  void aVariableOfTheCommandLineGoesBeforeThoseOfFilesAndALaterFileBeforeAnEarlier()
      throws IOException {
    Path one = Files.writeString(folder.resolve("one.env"), "A=1\nB=1\nC=1\n");
    Path two = Files.writeString(folder.resolve("two.env"), "B=2\nC=2\n");

    assertEquals("0", run("-e", "C=3,4", "--env-file", one + "", "--env-file", two + "").strip());

    assertEquals(
        List.of("variable=A=1", "variable=B=2", "variable=C=3,4"),
        Stream.of(Files.readString(plan()).split("\0"))
            .filter(item -> item.startsWith("variable="))
            .toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--restart=on-failure:x | '--restart': \"on-failure:x\" is not one of no, on-failure,"
            + " on-failure:TIMES, always and unless-stopped",
        "--stop-grace=10 | '--stop-grace': \"10\" is not a duration; write it as 10s, 500ms or"
            + " 1h30m",
        "--env=A | '--env': \"A\" is not KEY=VALUE",
        "--env=1B=c | '--env': \"1B\" is not a variable's name",
        "--control-plane=here:1 | '--control-plane': \"here:1\" is not ADDRESS:PORT",
      })
  void whatIsWrongIsSaidAndThereIsNoPlan(String option, String what) {
    assertEquals(
        "2 weir run: Invalid value for option " + what + "; see weir run --help", run(option));
    assertFalse(Files.exists(plan()));
  }

  @Test
  void aBrokenLineOfAFileOfVariablesIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("app.env"), "A=1\n=2\n");

    assertEquals(
        "2 weir run: "
            + file
            + ":2: \"\" is not a variable's name; write the line as KEY=VALUE; see weir run --help",
        run("--env-file=" + file));
    assertEquals(
        "2 weir run: --env-file: there is no file " + file + "x; see weir run --help",
        run("--env-file=" + file + "x"));
  }

  /** The files of another's control plane, and the options that name them. */
  private List<String> proof(String subject, Duration lifetime) throws IOException {
    new TokenKeys(folder.resolve("tokens"), line -> {}).trust(folder.resolve("key.pem"));
    Path roots =
        Files.copy(TestCa.create(folder, "root").certificate(), folder.resolve("root-cert.pem"));
    Path token =
        Files.writeString(
            folder.resolve("token"),
            SigningKey.read(folder.resolve("key.pem")).token(subject, Optional.empty(), lifetime));
    return List.of(
        "--control-plane=192.0.2.1:15010",
        "--control-plane-roots=" + roots,
        "--control-plane-token=" + token);
  }

  private String run(List<String> options) {
    return run(options.toArray(String[]::new));
  }

  @Test
  void whoJoinsByATokenIsOfItsNamespace() throws IOException {
    List<String> proof = proof("spiffe://mesh.test/ns/shop/sa/cart", Duration.ofMinutes(1));

    assertEquals("0", run(proof).strip());

    List<String> plan = List.of(Files.readString(plan()).split("\0"));
    assertTrue(plan.contains("namespace=shop"), plan::toString);
    assertTrue(plan.contains("option=--roots=" + folder.resolve("root-cert.pem")), plan::toString);
    assertTrue(plan.contains("option=--token=" + folder.resolve("token")), plan::toString);
  }

  @Test
  void theProofsOptionsGoTogether() throws IOException {
    List<String> proof = proof("spiffe://mesh.test/ns/shop/sa/cart", Duration.ofMinutes(1));
    String said =
        "2 weir run: --control-plane-roots and --control-plane-token go together, and with"
            + " --control-plane; see weir run --help";

    assertEquals(said, run(proof.subList(0, 2)));
    assertEquals(said, run(List.of(proof.get(0), proof.get(2))));
    assertEquals(said, run(proof.subList(1, 3)));
  }

  @Test
  void aTokenOfAnotherServiceIsSaid() throws IOException {
    assertEquals(
        "2 weir run: --service: the token is for shop/other, and not for shop/cart; see weir run"
            + " --help",
        run(proof("system:serviceaccount:shop:other", Duration.ofMinutes(1))));
  }

  @Test
  void aTokenThatHasEndedCannotBeUsed() throws IOException {
    String said = run(proof("spiffe://mesh.test/ns/shop/sa/cart", Duration.ofMinutes(-1)));

    assertTrue(
        said.startsWith("1 weir run: the token in " + folder.resolve("token") + " ended at "),
        said);
    assertTrue(said.endsWith("Z; have another made"), said);
  }

  @Test
  void filesThatProveNothingAreSaid() throws IOException {
    List<String> proof = proof("spiffe://mesh.test/ns/shop/sa/cart", Duration.ofMinutes(1));
    Path nonsense = Files.writeString(folder.resolve("nonsense"), "nonsense");
    String roots = "2 weir run: Invalid value for option '--control-plane-roots': ";
    String token = "2 weir run: Invalid value for option '--control-plane-token': ";
    String help = "; see weir run --help";

    assertEquals(
        roots + "there is no file " + nonsense + "x" + help,
        run(List.of(proof.get(0), "--control-plane-roots=" + nonsense + "x", proof.get(2))));
    assertEquals(
        roots + nonsense + " has no certificate in PEM" + help,
        run(List.of(proof.get(0), "--control-plane-roots=" + nonsense, proof.get(2))));
    assertEquals(
        token + "there is no file " + nonsense + "x" + help,
        run(List.of(proof.get(0), proof.get(1), "--control-plane-token=" + nonsense + "x")));
    assertEquals(
        token + nonsense + " has no signed JWT" + help,
        run(List.of(proof.get(0), proof.get(1), "--control-plane-token=" + nonsense)));
  }

  @Test
  void anIsolatedMemberReachesNoControlPlaneOutside() {
    assertEquals(
        "2 weir run: --isolated: the control plane is outside of the mesh's network, 10.88.0.0/16;"
            + " see weir run --help",
        run("--isolated", "--control-plane=192.0.2.1:15010"));
  }
}
