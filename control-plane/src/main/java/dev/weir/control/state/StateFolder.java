package dev.weir.control.state;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Texts by name, a file each. A text is written beside the one before and then put in its place, so
 * that whoever reads has the one or the other whole. Not thread-safe.
 */
final class StateFolder {
  private static final String END = ".kept";

  /** Of a hash, in characters; a folder has 10,000 names at most. */
  private static final int LENGTH = 32;

  private final Path folder;
  private final SortedMap<String, String> written = new TreeMap<>();
  private final FileLock lock;

  /** Makes the folder, for its owner alone, if it is not there. */
  StateFolder(Path folder) throws IOException {
    this.folder = folder;
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock taken;
    try {
      taken = channel.tryLock();
    } catch (OverlappingFileLockException here) {
      taken = null;
    }
    if (taken == null) {
      channel.close();
      throw new IOException("another control plane keeps its state there");
    }
    lock = taken;
  }

  /** Lets others have it. */
  void close() throws IOException {
    lock.acquiredBy().close();
  }

  /**
   * All there are. What cannot be read, or whose first line is not its name, was not written here,
   * and is passed over.
   */
  SortedMap<String, String> load() throws IOException {
    written.clear();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + END)) {
      for (Path file : files) {
        String all = read(file);
        int end = all.indexOf('\n');
        if (all.startsWith("# ") && end > 0) {
          String name = all.substring(2, end);
          if (file.equals(file(name))) {
            written.put(name, all.substring(end + 1));
          }
        }
      }
    }
    return new TreeMap<>(written);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException notOurs) {
      return "";
    }
  }

  /** From now on these are all there are; what is as it was is not written again. */
  void save(SortedMap<String, String> texts) throws IOException {
    for (String name : new TreeMap<>(written).keySet()) {
      if (!texts.containsKey(name)) {
        Files.deleteIfExists(file(name));
        written.remove(name);
      }
    }
    for (var text : texts.entrySet()) {
      if (!text.getValue().equals(written.get(text.getKey()))) {
        write(text.getKey(), text.getValue());
        written.put(text.getKey(), text.getValue());
      }
    }
  }

  private void write(String name, String text) throws IOException {
    Path file = file(name);
    Path beside = folder.resolve(file.getFileName() + ".new");
    Files.writeString(beside, "# " + name + "\n" + text);
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private Path file(String name) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return folder.resolve(HexFormat.of().formatHex(hash).substring(0, LENGTH) + END);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
