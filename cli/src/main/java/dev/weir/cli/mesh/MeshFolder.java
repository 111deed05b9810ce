package dev.weir.cli.mesh;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The runtime folder of a mesh, as {@code scripts/lib/mesh.sh} has it, seen from outside. Any
 * thread.
 *
 * @param silence for how long a page that is asked for may say nothing
 */
public record MeshFolder(Path folder, Duration silence) {
  private static final int MOST_BYTES = 64 << 20;
  private static final int HASH_LENGTH = 12;
  private static final int CHUNK_BYTES = 16 << 10;

  /** Who is asked answers from memory. */
  private static final Duration SILENCE = Duration.ofSeconds(3);

  public MeshFolder(Path folder) {
    this(folder, SILENCE);
  }

  /**
   * Where the mesh of a folder has it; there need not be one.
   *
   * @param config the folder's real path
   * @param runtime where this user's runtime files go, if anywhere
   */
  public static MeshFolder of(Path config, Optional<String> runtime) throws IOException {
    return new MeshFolder(base(runtime).resolve("weir-" + uid()).resolve(name(config)));
  }

  /** Where this user's runtime files are. */
  public static Path base(Optional<String> runtime) {
    return runtime.map(Path::of).filter(Files::isWritable).orElse(Path.of("/tmp"));
  }

  public static Object uid() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  /** What runtime folders of a folder are called, by its real path. */
  public static String name(Path config) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(config.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, HASH_LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each JDK has it
    }
  }

  /** A member that is there. */
  public record Member(String name, long pid, Path folder, Duration silence) {
    /** A page of its sidecar's. */
    public String admin(String path) throws IOException {
      return get(folder.resolve("admin"), path, silence);
    }

    /**
     * What its sidecar answers to another method, or with bytes.
     *
     * @param silence for how long it may say nothing
     */
    public byte[] admin(String method, String path, Duration silence) throws IOException {
      return ask(folder.resolve("admin"), method, path, silence);
    }

    /** A page of the control plane's. */
    public String controlPlane(String path) throws IOException {
      return get(folder.resolve("control-plane"), path, silence);
    }

    /** Whether its pages can be asked for: its sidecar is ready then. */
    public boolean open() {
      return Files.exists(folder.resolve("control-plane"));
    }

    /** What its sidecar is told of itself; of one that has just begun nothing is known. */
    public Own own() {
      try {
        return Own.read(Files.readString(folder.resolve("bootstrap.yaml")));
      } catch (IOException | YamlEngineException e) {
        return new Own(Optional.empty(), Optional.empty());
      }
    }
  }

  /**
   * What a member is.
   *
   * @param service with its namespace
   */
  public record Own(Optional<String> service, Optional<String> address) {
    public static Own read(String bootstrap) {
      if (new Load(LoadSettings.builder().build()).loadFromString(bootstrap)
              instanceof Map<?, ?> all
          && all.get("node") instanceof Map<?, ?> node
          && node.get("metadata") instanceof Map<?, ?> fields) {
        return new Own(
            Optional.of(fields.get("WEIR_NAMESPACE") + "/" + fields.get("WEIR_SERVICE")),
            Optional.of(String.valueOf(fields.get("WEIR_ADDRESS"))));
      }
      return new Own(Optional.empty(), Optional.empty());
    }
  }

  /** Those whose program runs, by name. */
  public List<Member> members() throws IOException {
    List<Member> members = new ArrayList<>();
    try (Stream<Path> folders = Files.list(folder.resolve("members"))) {
      for (Path member : folders.sorted().toList()) {
        pid(member)
            .filter(pid -> ProcessHandle.of(pid).isPresent())
            .ifPresent(pid ->
                members.add(new Member(member.getFileName().toString(), pid, member, silence)));
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

  private static String get(Path door, String path, Duration silence) throws IOException {
    return new String(ask(door, "GET", path, silence), StandardCharsets.UTF_8);
  }

  /**
   * @throws SocketTimeoutException if somebody is there and does not answer
   * @throws IOException if nobody is, or with another status than 200
   */
  private static byte[] ask(Path door, String method, String path, Duration silence)
      throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(door))) {
      String length = method.equals("GET") ? "" : "Content-Length: 0\r\n";
      channel.write(
          ByteBuffer.wrap(
              "%s %s HTTP/1.1\r\nHost: localhost\r\n%sConnection: close\r\n\r\n"
                  .formatted(method, path, length)
                  .getBytes(StandardCharsets.UTF_8)));
      byte[] answer = answer(channel, path, silence);
      String text = new String(answer, StandardCharsets.ISO_8859_1); // a character each
      int head = text.indexOf("\r\n\r\n");
      if (head < 0) {
        throw new IOException(path + " is not answered");
      }
      byte[] body = Arrays.copyOfRange(answer, head + 4, answer.length);
      if (text.substring(0, head).toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
        body = dechunked(body, path);
      }
      if (!text.substring(0, head).contains(" 200 ")) {
        throw new IOException(
            path
                + " is answered "
                + text.substring(0, text.indexOf('\r'))
                + ": "
                + new String(body, StandardCharsets.UTF_8).strip());
      }
      return body;
    }
  }

  /** All that comes, for as long as a part of it does in time. */
  private static byte[] answer(SocketChannel channel, String path, Duration silence)
      throws IOException {
    channel.configureBlocking(false);
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
    try (Selector selector = Selector.open()) {
      channel.register(selector, SelectionKey.OP_READ);
      while (answer.size() < MOST_BYTES && channel.read(buffer.clear()) >= 0) {
        answer.write(buffer.array(), 0, buffer.position());
        if (buffer.position() == 0 && selector.select(silence.toMillis()) == 0) {
          throw new SocketTimeoutException(path + " is not answered");
        }
        selector.selectedKeys().clear();
      }
    }
    return answer.toByteArray();
  }

  private static byte[] dechunked(byte[] bytes, String path) throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    int at = 0;
    while (at < bytes.length) {
      int end = at;
      while (end < bytes.length && bytes[end] != '\r') {
        end++;
      }
      int size =
          Integer.parseInt(new String(bytes, at, end - at, StandardCharsets.US_ASCII).strip(), 16);
      if (size == 0) {
        return whole.toByteArray();
      }
      if (end + 2 + size > bytes.length) {
        break;
      }
      whole.write(bytes, end + 2, size);
      at = end + 2 + size + 2;
    }
    throw new IOException(path + " is not answered to the end");
  }
}
