package dev.weir.sidecar.up;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** Ends a {@code weir up} that does not answer, and its instances: by SIGKILL, all at once. */
final class Killing {
  private final Folders folders;

  Killing(Folders folders) {
    this.folders = folders;
  }

  /** They have ended when this returns, and what was left of them is gone. */
  void run() throws IOException {
    String pid = Files.readString(folders.lock()).strip();
    if (pid.isEmpty() || !isHeld()) {
      return; // it has ended meanwhile
    }
    List<ProcessHandle> all =
        ProcessHandle.of(Long.parseLong(pid)).stream()
            .flatMap(up -> Stream.concat(Stream.of(up), up.children()))
            .toList();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(each -> each.onExit().join());
    folders.removeState();
  }

  private boolean isHeld() throws IOException {
    try (FileChannel channel = FileChannel.open(folders.lock(), StandardOpenOption.WRITE);
        FileLock held = channel.tryLock()) {
      return held == null;
    }
  }
}
