package dev.weir.sidecar.xds.disk;

import dev.weir.sidecar.xds.Resource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One file, replaced whole: written beside itself, forced to the disk, renamed. A file that is
 * damaged, or another sidecar's, is ignored with one warning.
 */
public final class LastGoodFile {
  private static final long MAX_BYTES = 256L << 20;

  private static final String TEMPORARY = ".tmp";

  private final Path file;
  private final String nodeId;
  private final Consumer<String> log;
  private boolean swept;

  /**
   * @param nodeId whose configuration it is; that of another node is not taken
   * @param log told of what goes wrong, a line each
   */
  public LastGoodFile(Path file, String nodeId, Consumer<String> log) {
    this.file = file;
    this.nodeId = nodeId;
    this.log = log;
  }

  /** Empty if there is none that is of use. */
  public Optional<List<Resource>> read() {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("it has more than " + MAX_BYTES + " bytes");
      }
      return Optional.of(LastGoodFormat.decode(Files.readAllBytes(file), nodeId));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      log.accept(
          "%s: the last good configuration is not used: %s; it is written anew once the control"
                  .formatted(file, e.getMessage())
              + " plane has answered");
      return Optional.empty();
    }
  }

  /** When it was written last, as far as the file system knows. */
  public Optional<Instant> writtenAt() {
    try {
      return Optional.of(Files.getLastModifiedTime(file).toInstant());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  public void write(List<Resource> resources) {
    try {
      replace(LastGoodFormat.encode(resources, nodeId));
    } catch (IOException e) {
      log.accept("%s: the last good configuration is not written: %s".formatted(file, e));
    }
  }

  void abandoned() {
    log.accept(
        "%s: the disk is too slow; the last good configuration is not written".formatted(file));
  }

  /** A crash leaves what it was writing. */
  private void sweep(Path folder) throws IOException {
    String begin = "." + file.getFileName();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path each : files) {
        String name = String.valueOf(each.getFileName());
        if (name.startsWith(begin) && name.endsWith(TEMPORARY)) {
          Files.deleteIfExists(each);
        }
      }
    }
  }

  private void replace(byte[] content) throws IOException {
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElseThrow();
    Files.createDirectories(folder);
    if (!swept) {
      sweep(folder);
      swept = true;
    }
    Path temporary = Files.createTempFile(folder, "." + file.getFileName(), TEMPORARY);
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        ByteBuffer buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        channel.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
