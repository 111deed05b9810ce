package dev.weir.sidecar.cni;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a node has the confs of its network, of which the runtime takes the first by name. Weir's
 * comes first: a copy of the next one with the plugin at its end. That one is never written to, and
 * holds again when Weir's is gone. One thread.
 */
final class ConfFolder {
  /** Before {@code 00-} and {@code 05-}, by which others see to it that they come first. */
  static final String OWN = "0-weir.conflist";

  private static final List<String> EXTENSIONS = List.of(".conf", ".conflist", ".json");
  private static final long MAX_BYTES = 1 << 20;

  /** Who replaces a conf may take the old one away first; a network is gone after so many looks. */
  private static final int GONE = 3;

  private final Path folder;
  private final Path own;
  private int looksWithoutNetwork;
  private boolean written;

  ConfFolder(Path folder) {
    this.folder = folder;
    this.own = folder.resolve(OWN);
  }

  /** What a look has found. */
  sealed interface State {
    /**
     * The plugin is chained behind those of that file.
     *
     * @param again somebody had taken Weir's conf away since the last look
     */
    record Chained(String file, boolean again) implements State {}

    /** The node has no network of its own, or none yet. */
    record NoNetwork() implements State {}

    /** What was chained before, if anything was, is left as it is. */
    record Broken(String problem) implements State {}
  }

  /** Has Weir's conf follow from what is there now. */
  State look() throws IOException {
    Optional<Path> source = first();
    if (source.isEmpty()) {
      looksWithoutNetwork++;
      if (looksWithoutNetwork >= GONE) {
        remove();
      }
      return new State.NoNetwork();
    }
    looksWithoutNetwork = 0;
    String name = source.get().getFileName().toString();
    if (name.compareTo(OWN) < 0) {
      return new State.Broken(
          source.get() + " comes before " + OWN + ", so that no pod is redirected; rename it");
    }
    return chain(source.get(), name);
  }

  private Optional<Path> first() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> EXTENSIONS.stream().anyMatch(file.toString()::endsWith))
          .filter(file -> !file.equals(own) && Files.isRegularFile(file))
          .min(Path::compareTo);
    }
  }

  private State chain(Path source, String name) throws IOException {
    try {
      if (Files.size(source) > MAX_BYTES) {
        return new State.Broken(source + " is larger than " + MAX_BYTES + " bytes");
      }
      String chained = NetworkConf.chained(source.toString(), Files.readString(source));
      boolean again = written && !Files.exists(own);
      AtomicFile.write(own, chained);
      written = true;
      return new State.Chained(name, again);
    } catch (CharacterCodingException e) {
      return new State.Broken(source + " is not UTF-8");
    } catch (NoSuchFileException e) {
      return new State.NoNetwork(); // gone meanwhile
    } catch (IllegalArgumentException e) {
      return new State.Broken(String.valueOf(e.getMessage()));
    }
  }

  /** Takes the plugin out of the chain. */
  void remove() throws IOException {
    written = false;
    Files.deleteIfExists(own);
  }
}
