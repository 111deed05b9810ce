package dev.weir.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A program in a process of its own, from its first word that it listens until it is closed. */
public final class ProgramProcess implements AutoCloseable {
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private final Process process;
  private final Path output;

  /**
   * @param output the file that it says things to
   * @param listens what it says before {@code 127.0.0.1:} and the port, once it can be used
   */
  public ProgramProcess(List<String> command, Path output, String listens) throws IOException {
    this.output = output;
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    Await.until(() -> port(listens) > 0, this::said);
  }

  /** The port that it said behind {@code listens}; 0: it has not yet. */
  public int port(String listens) {
    Matcher matcher =
        Pattern.compile(Pattern.quote(listens) + "127\\.0\\.0\\.1:(\\d+)").matcher(said());
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public String said() {
    return read(output);
  }

  public long residentMiB() {
    Matcher matcher = RESIDENT.matcher(read(Path.of("/proc/" + process.pid() + "/status")));
    return matcher.find() ? Long.parseLong(matcher.group(1)) >> 10 : 0;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
