package dev.weir.sidecar.intercept;

import dev.weir.cli.Program;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The rules of a pod, from the words that its init container would have: options of {@code weir
 * intercept}, in an annotation that whoever makes the pod may have written.
 */
public final class PodRules {
  private static final int MAX_LENGTH = 4096;

  /** What a pod may say; nothing of it leads to another network or file. */
  private static final Pattern WORD =
      Pattern.compile(
          "--(user|family|exclude-(in|out)bound-(port|cidr))=[A-Za-z0-9:][A-Za-z0-9.:/,-]*");

  private final Redirect redirect;

  private PodRules(Redirect redirect) {
    this.redirect = redirect;
  }

  /**
   * @throws IllegalArgumentException with what is wrong
   */
  public static PodRules parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "it has " + text.length() + " characters, more than " + MAX_LENGTH);
    }
    String[] words = text.strip().split(" +");
    for (String word : words) {
      if (!WORD.matcher(word).matches()) {
        throw new IllegalArgumentException(
            "\""
                + word
                + "\" is not for a pod to say; these are: --user, --family,"
                + " --exclude-inbound-port, -cidr, --exclude-outbound-port, -cidr");
      }
    }
    List<Redirect> read = new ArrayList<>();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Program.Job job =
        values -> {
          Arguments.of(values).redirect().ifPresent(read::add);
          return Program.OK;
        };
    Arguments.program()
        .run(words, new PrintStream(OutputStream.nullOutputStream()), new PrintStream(err), job);
    if (read.isEmpty()) {
      throw new IllegalArgumentException(err.toString(StandardCharsets.UTF_8).strip());
    }
    return new PodRules(read.getFirst());
  }

  /** Puts them in force in another network namespace; answers what is wrong. */
  public Optional<String> apply(Path namespace) throws IOException, InterruptedException {
    return new Nft("nft", Optional.of(namespace)).apply(RuleScript.write(redirect));
  }
}
