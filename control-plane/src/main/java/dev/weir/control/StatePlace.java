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
    Path real = config.toAbsolutePath().normalize();
    CRC32 hash = new CRC32();
    hash.update(real.toString().getBytes(StandardCharsets.UTF_8));
    Path last = real.getFileName();
    String name =
        (last == null ? "" : last + "-") + HexFormat.of().toHexDigits((int) hash.getValue());
    return absolute(environment.get("XDG_STATE_HOME"))
        .or(() ->
            absolute(environment.get("HOME")).map(home -> home.resolve(".local").resolve("state")))
        .map(base -> base.resolve("weir").resolve(name));
  }

  private static Optional<Path> absolute(@Nullable String path) {
    return Optional.ofNullable(path)
        .filter(text -> !text.isEmpty())
        .map(Path::of)
        .filter(Path::isAbsolute);
  }
}
