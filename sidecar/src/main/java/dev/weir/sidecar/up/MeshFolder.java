package dev.weir.sidecar.up;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The runtime folder of a mesh, as {@code scripts/lib/mesh.sh} has it, seen from outside. Any
 * thread.
 */
record MeshFolder(Path folder) {
  private static final int MOST_BYTES = 64 << 20;

  /** A member that is there. */
  record Member(String name, long pid, Path folder) {
    /** A page of its sidecar's. */
    String admin(String path) throws IOException {
      return get(folder.resolve("admin"), path);
    }

    /** A page of the control plane's. */
    String controlPlane(String path) throws IOException {
      return get(folder.resolve("control-plane"), path);
    }
  }

  /** Those whose program runs, by name. */
  List<Member> members() throws IOException {
    List<Member> members = new ArrayList<>();
    try (Stream<Path> folders = Files.list(folder.resolve("members"))) {
      for (Path member : folders.sorted().toList()) {
        pid(member)
            .filter(pid -> ProcessHandle.of(pid).isPresent())
            .ifPresent(
                pid -> members.add(new Member(member.getFileName().toString(), pid, member)));
      }
    } catch (NoSuchFileException e) {
      return List.of(); // there is no mesh, or it goes away
    }
    return members;
  }

  private static Optional<Long> pid(Path member) throws IOException {
    try {
      String text = Files.readString(member.resolve("pid")).strip();
      return text.isEmpty() ? Optional.empty() : Optional.of(Long.valueOf(text));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // it comes, or goes
    }
  }

  /**
   * @throws IOException if it does not answer, or with another status than 200
   */
  private static String get(Path door, String path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(door))) {
      channel.write(
          ByteBuffer.wrap(
              ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.UTF_8)));
      byte[] answer = Channels.newInputStream(channel).readNBytes(MOST_BYTES);
      String text = new String(answer, StandardCharsets.UTF_8);
      int head = text.indexOf("\r\n\r\n");
      if (head < 0 || !text.substring(0, head).contains(" 200 ")) {
        throw new IOException(path + " is not answered");
      }
      boolean chunked =
          text.substring(0, head)
              .toLowerCase(java.util.Locale.ROOT)
              .contains("transfer-encoding: chunked");
      String body = text.substring(head + 4);
      return chunked ? dechunked(body) : body;
    }
  }

  private static String dechunked(String body) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    int at = 0;
    while (at < bytes.length) {
      int end = at;
      while (end < bytes.length && bytes[end] != '\r') {
        end++;
      }
      int size =
          Integer.parseInt(new String(bytes, at, end - at, StandardCharsets.US_ASCII).strip(), 16);
      if (size == 0) {
        break;
      }
      whole.write(bytes, end + 2, size);
      at = end + 2 + size + 2;
    }
    return whole.toString(StandardCharsets.UTF_8);
  }
}
