package dev.weir.control;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Where a control plane keeps its state if nobody says: by the XDG base directory specification.
 */
final class StatePlace {
  private StatePlace() {}

  /** A folder for each folder of policies; none if there is no home. */
  static Optional<Path> of(Path config, Map<String, String> environment) {
    return absolute(environment.get("XDG_STATE_HOME"))
        .or(() ->
            absolute(environment.get("HOME")).map(home -> home.resolve(".local").resolve("state")))
        .map(base -> below(base.resolve("weir"), config));
  }

  /** The one of a folder of policies below a place that has those of several. */
  static Path below(Path place, Path config) {
    Path real = config.toAbsolutePath().normalize();
    CRC32 hash = new CRC32();
    hash.update(real.toString().getBytes(StandardCharsets.UTF_8));
    Path last = real.getFileName();
    return place.resolve(
        (last == null ? "" : last + "-") + HexFormat.of().toHexDigits((int) hash.getValue()));
  }

  private static Optional<Path> absolute(@Nullable String path) {
    return Optional.ofNullable(path)
        .filter(text -> !text.isEmpty())
        .map(Path::of)
        .filter(Path::isAbsolute);
  }
}
