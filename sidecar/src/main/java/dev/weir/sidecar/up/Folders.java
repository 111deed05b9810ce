package dev.weir.sidecar.up;

import dev.weir.cli.mesh.MeshFolder;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/**
 * Where a folder's things are while it runs.
 *
 * @param config the folder itself
 * @param mesh its mesh's runtime folder
 * @param state that of {@code weir up}
 */
record Folders(Path config, MeshFolder mesh, Path state) {
  private static final String PROJECT = "weir.yaml";

  /**
   * @param runtime where this user's runtime files go, if anywhere
   */
  static Folders of(Path config, Optional<String> runtime) throws IOException {
    Path real = config.toRealPath();
    return new Folders(
        real,
        MeshFolder.of(real, runtime),
        MeshFolder.base(runtime)
            .resolve("weir-up-" + MeshFolder.uid())
            .resolve(MeshFolder.name(real)));
  }

  Path project() {
    return config.resolve(PROJECT);
  }

  /** Held by who is up, and has its number. */
  Path lock() {
    return state.resolve("lock");
  }

  Path control() {
    return state.resolve("control");
  }

  /** Who was up has ended. */
  void removeState() throws IOException {
    Files.deleteIfExists(control());
    for (Path left : List.of(state.resolve(Journal.FILE), state.resolve(Journal.BEFORE), lock())) {
      Files.deleteIfExists(left);
    }
    Files.deleteIfExists(state);
    removeBase();
  }

  /** Unless another one is up. */
  private void removeBase() throws IOException {
    try {
      Path base = state.getParent();
      if (base != null) {
        Files.deleteIfExists(base);
      }
    } catch (DirectoryNotEmptyException e) {
      return; // it is
    }
  }

  /** Nobody else's. */
  void makeState() throws IOException {
    Files.createDirectories(
        state, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }
}
