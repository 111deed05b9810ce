package dev.weir.cli.mesh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the sidecar of a member has said to {@code weir up}, whose log has a line each: the time,
 * the instance, a tab, and what it says. What its app says is not in it.
 */
public final class MemberMessages {
  private static final List<String> FILES = List.of("log.1", "log");

  private MemberMessages() {}

  /**
   * The newest lines, with their time in milliseconds since 1970.
   *
   * @param base where this user's runtime files are
   * @param config the real path of the mesh's folder
   * @throws IOException there is no such log, or it cannot be read
   */
  public static List<String> of(Path base, Path config, String member, int most)
      throws IOException {
    Path state = base.resolve("weir-up-" + MeshFolder.uid()).resolve(MeshFolder.name(config));
    Pattern wanted =
        Pattern.compile(
            "[0-9]+ \\S*?" + Pattern.quote(member) + "\t(\\[[^]]* sidecar\\] |weir run: ).*");
    Deque<String> lines = new ArrayDeque<>();
    boolean found = false;
    for (String name : FILES) {
      Path file = state.resolve(name);
      if (Files.exists(file)) {
        found = true;
        // Bytes of others are no reason to tell nothing.
        try (Stream<String> all = Files.lines(file, StandardCharsets.ISO_8859_1)) {
          all.filter(line -> wanted.matcher(line).matches())
              .forEach(line -> {
                lines.add(line);
                if (lines.size() > most) {
                  lines.remove();
                }
              });
        }
      }
    }
    if (!found) {
      throw new IOException("it is not run by weir up; what it said is where weir run was begun");
    }
    return List.copyOf(lines);
  }
}
