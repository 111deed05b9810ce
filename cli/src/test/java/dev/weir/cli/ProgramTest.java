package dev.weir.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A command line: which words it takes, and what it says to the others. */
class ProgramTest {
  private static final Program PROGRAM =
      new Program(
          "weir try",
          "Tries what a command line is to do with words, and is described at a length that needs"
              + " a second line.",
          new Version("weir try", ProgramTest.class),
          List.of(
              option("config", "FILE").option("c").required().desc("A file.").get(),
              option("size", "N").desc("How many there are to be.").get(),
              option("mode", "MODE").desc("fast or SLOW.").get(),
              option("leave-these-alone", "PORT[-PORT]").valueSeparator(',').desc("Ports.").get(),
              Option.builder()
                  .longOpt("brief")
                  .desc("Say little, and of that only what nobody could have known without it.")
                  .get(),
              Option.builder().longOpt("debug").desc("Say all.").get()),
          List.of(new Operand("DIR", "A folder.")),
          List.of("done", "not done", "wrong usage"));

  private enum Mode {
    fast,
    SLOW
  }

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private static Option.Builder option(String name, String value) {
    return Option.builder().longOpt(name).argName(value).hasArg();
  }

  /** What the words are taken for, or the line that refuses them. */
  private String told(String... words) {
    int status =
        run(
            values -> {
              String told =
                  "%s %s %s %s %s %s"
                      .formatted(
                          values.required("config"),
                          values.operand(0),
                          values.integer("size").orElse(0),
                          values.oneOf("mode", Mode.class).orElse(Mode.fast),
                          values.values("leave-these-alone", Integer::valueOf),
                          values.given("brief"));
              print(told);
              return Program.OK;
            },
            words);
    assertEquals(err.size() > 0 ? Program.WRONG : Program.OK, status);
    return (out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8))
        .replace("weir try: ", "")
        .replace("; see weir try --help\n", "");
  }

  private void print(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  private int run(Program.Job job, String... words) {
    return PROGRAM.run(
        words,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        job);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "-c a d                            | a d 0 fast [] false",
        "-ca d                             | a d 0 fast [] false",
        "-c=a d                            | a d 0 fast [] false",
        "-ca=b d                           | a=b d 0 fast [] false",
        "-c=-x d                           | -x d 0 fast [] false",
        "-config d                         | onfig d 0 fast [] false",
        "--config a d                      | a d 0 fast [] false",
        "--config=a=b d                    | a=b d 0 fast [] false",
        "--config= d                       | ` d 0 fast [] false`",
        "--config \"a\" d                  | \"a\" d 0 fast [] false",
        "--config - -                      | - - 0 fast [] false",
        "--config --other d                | --other d 0 fast [] false",
        "--brief d --config a              | a d 0 fast [] true",
        "-c a --size -5 d                  | a d -5 fast [] false",
        "-c a --mode=Slow --size=7 d       | a d 7 SLOW [] false",
        "-c a --leave-these-alone 1,2 --leave-these-alone=3 d | a d 0 fast [1, 2, 3] false",
        "-c a -- --brief                   | a --brief 0 fast [] false",
        "-c a d --                         | a d 0 fast [] false",
      })
  void wordsAreTakenForWhatPeopleMean(String words, String told) {
    assertEquals(told, told(words.split(" +")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "d                      | Missing required option: '--config=FILE'",
        "-c a                   | Missing required parameter: 'DIR'",
        "-c                     | Missing required parameter for option '--config' (FILE)",
        "--config --brief d     | Missing required parameter for option '--config' (FILE)",
        "--config -- d          | Missing required parameter for option '--config' (FILE)",
        "-c a d --size          | Missing required parameter for option '--size' (N)",
        "-c a -c b d            | option '--config' (FILE) should be specified only once",
        "-c a d --brief --brief | option '--brief' should be specified only once",
        "--conf a d             | `Unknown options: '--conf', 'd'; did you mean \"--config\"?`",
        "--confg=a d            | `Unknown option: '--confg=a'; did you mean \"--config\"?`",
        "-brief -c a d          | `Unknown option: '-brief'; did you mean \"--brief\"?`",
        "-c a d -x              | Unknown option: '-x'",
        "-size=7 -c a d         | `Unknown option: '-size=7'; did you mean \"--size\"?`",
        "--c a d                | `Unknown options: '--c', 'd'`",
        "-c a d --brief=true    | Option '--brief' takes no value, but is given one: '--brief=true'",
        "-c a d e f             | `Unexpected arguments: 'e', 'f'`",
        "-c a d -- --brief      | Unexpected argument: '--brief'",
        "-c a d -               | Unexpected argument: '-'",
        "-c a d --size=x        | Invalid value for option '--size': 'x' is not an int",
        "-c a d --size=         | Invalid value for option '--size': '' is not an int",
        "-c a d --mode=x        | Invalid value for option '--mode': expected one of [fast, slow]"
            + " but was 'x'",
        "-c a d --leave-these-alone=1,x | Invalid value for option '--leave-these-alone'"
            + " (PORT[-PORT]): For input string: \"x\"",
      })
  void whatIsWrongIsSaidInALine(String words, String told) {
    assertEquals(told, told(words.split(" +")));
  }

  @ParameterizedTest
  @CsvSource({"--help", "-h", "-hV", "--version --help", "--help --bogus", "--help --size=x"})
  void helpIsAllThatIsDoneWhereItIsAskedFor(String words) {
    assertEquals(
        """
        Usage: weir try [-hV] [--brief] [--debug] -c=FILE
                        [--leave-these-alone=PORT[-PORT][,PORT[-PORT]...]]...
                        [--mode=MODE] [--size=N] DIR
        Tries what a command line is to do with words, and is described at a length
        that needs a second line.
              DIR                    A folder.
              --brief                Say little, and of that only what nobody could
                                       have known without it.
          -c, --config=FILE          A file.
              --debug                Say all.
          -h, --help                 Show this help message and exit.
              --leave-these-alone=PORT[-PORT][,PORT[-PORT]...]
                                     Ports.
              --mode=MODE            fast or SLOW.
              --size=N               How many there are to be.
          -V, --version              Print version information and exit.

        Exit status:
          0   done
          1   not done
          2   wrong usage
        """,
        told(words.split(" ")));
  }

  private String failing(Exception exception) {
    assertEquals(
        Program.FAILED,
        WITH_OPTIONAL_OPERAND.run(
            new String[] {"d"},
            ignored(),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            values -> {
              throw exception;
            }));
    return err.toString(StandardCharsets.UTF_8).replace("weir logs: ", "").strip();
  }

  @Test
  void firstCauseIsSaidWhereItSaysMore() {
    assertEquals(
        "it cannot run: the disk is full",
        failing(
            new IOException(
                "it cannot run", new IOException("x", new IOException("the disk is full")))));
  }

  @Test
  void causeThatSaysNoMoreIsNotSaid() {
    assertEquals(
        "there is no file a.pem",
        failing(new IOException("there is no file a.pem", new NoSuchFileException("a.pem"))));
  }

  @Test
  void versionIsTheJars() {
    assertEquals("weir try (development)\n", told("-V"));
  }

  @Test
  void failureIsALineWithItsCause() {
    assertEquals(
        Program.FAILED,
        run(
            values -> {
              throw new IOException("no way in", new NoSuchFileException("door"));
            },
            "-c",
            "a",
            "d"));
    assertEquals(
        "weir try: no way in: java.nio.file.NoSuchFileException: door\n",
        err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void failureShowsWhereItHappenedWhenAskedTo() {
    run(
        values -> {
          throw new IllegalStateException("why");
        },
        "--debug",
        "-ca",
        "d");
    List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals("weir try: java.lang.IllegalStateException: why", lines.getFirst());
    assertTrue(lines.getLast().strip().startsWith("at "), lines::toString);
  }

  private static final Program WITH_COMMAND =
      new Program(
          "weir run",
          "Runs it.",
          new Version("weir run", ProgramTest.class),
          List.of(option("size", "N").desc("How many.").get()),
          List.of(),
          List.of(),
          Optional.of(new Operand("COMMAND [ARGUMENT...]", "What is run.")));

  private String command(String... words) {
    int status =
        WITH_COMMAND.run(
            words,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            values -> {
              out.writeBytes(values.command().toString().getBytes(StandardCharsets.UTF_8));
              return Program.OK;
            });
    return status + " " + out + err.toString(StandardCharsets.UTF_8).strip();
  }

  @Test
  void allThatComesAfterTwoDashesIsTheCommand() {
    assertEquals(
        "0 [curl, --size, --, -s]", command("--size=1", "--", "curl", "--size", "--", "-s"));
  }

  @Test
  void aCommandThatIsMissingOrInTheWrongPlaceIsTold() {
    assertEquals(
        "2 weir run: no command: weir run ... -- COMMAND [ARGUMENT...]; see weir run --help",
        command("--size=1", "--"));
    err.reset();
    assertEquals(
        "2 weir run: Unexpected argument: 'curl' (the command comes after --); see weir run --help",
        command("curl"));
  }

  private static final Program WITH_OPTIONAL_OPERAND =
      new Program(
          "weir logs",
          "Shows them.",
          new Version("weir logs", ProgramTest.class),
          List.of(option("env", "KEY=VALUE").option("e").desc("Some.").get()),
          List.of(new Operand("SERVICE", "Whose."), new Operand("[DIR]", "Where.")),
          List.of());

  private String optional(String... words) {
    int status =
        WITH_OPTIONAL_OPERAND.run(
            words,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            values -> {
              String told =
                  values.operand(0)
                      + " "
                      + values.operandIfGiven(1).orElse("none")
                      + " "
                      + values.each("env", text -> text);
              out.writeBytes(told.getBytes(StandardCharsets.UTF_8));
              return Program.OK;
            });
    return status + " " + out + err.toString(StandardCharsets.UTF_8).strip();
  }

  @Test
  void anOperandWithDotsMayComeSeveralTimes() {
    Program several =
        new Program(
            "weir test",
            "Test.",
            new Version("weir", ProgramTest.class),
            List.of(),
            List.of(new Operand("FILE...", "What.")),
            List.of());
    Program.Job job = values -> values.operandsFrom(0).size() + 10;
    assertEquals(11, several.run(new String[] {"a"}, ignored(), ignored(), job));
    assertEquals(13, several.run(new String[] {"a", "b", "--", "-c"}, ignored(), ignored(), job));
    assertEquals(Program.WRONG, several.run(new String[] {}, ignored(), ignored(), job));
  }

  private static java.io.PrintStream ignored() {
    return new java.io.PrintStream(java.io.OutputStream.nullOutputStream());
  }

  @Test
  void anOperandInBracketsMayBeLeftOut() {
    assertEquals("0 cart none []", optional("cart"));
    out.reset();
    assertEquals("0 cart here []", optional("cart", "here"));
    out.reset();
    assertEquals(
        "2 weir logs: Missing required parameter: 'SERVICE'; see weir logs --help", optional());
  }

  @Test
  void anOptionThatMayBeRepeatedHasItsValuesAsTheyAre() {
    assertEquals("0 cart none [A=1,2, B=3]", optional("-e", "A=1,2", "cart", "--env=B=3"));
  }
}
