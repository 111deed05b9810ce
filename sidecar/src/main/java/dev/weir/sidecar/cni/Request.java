package dev.weir.sidecar.cni;

import dev.weir.protos.Location;
import dev.weir.protos.yaml.JsonWriter;
import dev.weir.protos.yaml.YamlNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A pod that is being made and waits.
 *
 * @param pod for what is said: {@code shop/cart-0}
 * @param namespace the file of its network namespace
 * @param words its annotation
 * @param answer the pipe that the plugin reads
 */
record Request(String pod, String namespace, String words, Path answer) {
  static final String SUFFIX = ".request";

  private static final int MAX_BYTES = 16 << 10;

  /** Escaped it is a line of less than the 64 KiB that a pipe takes without a reader. */
  private static final int MAX_ANSWER = 2000;

  private static final Pattern POD_NAMESPACE = Pattern.compile("\\bK8S_POD_NAMESPACE=([^;]*)");
  private static final Pattern POD_NAME = Pattern.compile("\\bK8S_POD_NAME=([^;]*)");

  /** Takes it from its folder; empty: the plugin has given up, or another agent has it. */
  static Optional<Request> take(Path file) throws IOException {
    String text;
    try {
      text = start(file);
      Files.delete(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    List<String> lines = new ArrayList<>(text.lines().toList());
    while (lines.size() < 3) {
      lines.add("");
    }
    String name = file.getFileName().toString();
    return Optional.of(
        new Request(
            found(POD_NAMESPACE, lines.get(2)) + "/" + found(POD_NAME, lines.get(2)),
            lines.get(0),
            lines.get(1),
            file.resolveSibling(name.substring(0, name.length() - SUFFIX.length()) + ".answer")));
  }

  private static String start(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
    }
  }

  private static String found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : "";
  }

  /**
   * Lets the plugin go on, or fail with that. Nobody is waited for: the pipe is opened for both.
   *
   * @throws NoSuchFileException it no longer waits
   */
  void answer(Optional<String> problem) throws IOException {
    String line = problem.map(Request::inQuotes).orElse("ok") + "\n";
    try (SeekableByteChannel pipe =
        Files.newByteChannel(answer, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      pipe.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
    }
  }

  /** As it stands in the JSON that the plugin prints. */
  private static String inQuotes(String problem) {
    String some = problem.substring(0, Math.min(problem.length(), MAX_ANSWER));
    String json =
        JsonWriter.write(new YamlNode.Scalar(Location.of(""), some, YamlNode.Kind.STRING)).strip();
    return json.substring(1, json.length() - 1);
  }
}
