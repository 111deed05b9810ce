package dev.weir.control.token;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The public keys whose tokens are taken: the key sets (RFC 7517) in the files of a folder that end
 * in .json or .jwks, and one that is handed in. A file that is wrong is told of once, and its keys
 * as they were stay. Any thread, but for {@link #reread}, which is for one at a time.
 */
public final class TokenKeys {
  private static final long MOST_BYTES = 1 << 20;
  private static final int MOST_KEYS = 1000;
  private static final String OWN = "weir.jwks";

  private final Path folder;
  private final Consumer<String> told;
  private final SortedMap<Path, String> texts = new TreeMap<>();
  private final SortedMap<Path, List<JWK>> keysByFile = new TreeMap<>();
  private String lastProblem = "";
  private volatile List<JWK> keys = List.of();
  private List<JWK> own = List.of();

  /**
   * @param told is told what is wrong in the folder, a line each
   */
  public TokenKeys(Path folder, Consumer<String> told) {
    this.folder = folder;
    this.told = told;
    reread();
  }

  List<JWK> all() {
    return keys;
  }

  /**
   * Takes the tokens of a key, P-256 and PKCS #8 in PEM, beside those of the folder. Where there is
   * none it is made, and its public part goes to the folder, for others who have that.
   *
   * @throws IOException which names the file, if it has another key
   */
  public void trust(Path file) throws IOException {
    if (Files.exists(file)) {
      own = List.of(OwnKey.read(file));
    } else {
      ECKey key = OwnKey.make();
      write(folder.resolve(OWN), new JWKSet(key.toPublicJWK()).toString());
      write(file, OwnKey.pem(key)); // last: where it is, its public part is too
      own = List.of(key.toPublicJWK());
    }
    reread();
  }

  private static void write(Path file, String text) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null && !Files.isDirectory(parent)) {
      Files.createDirectories(
          parent,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(beside);
    Files.createFile(
        beside, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(beside, text);
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Looks at the folder. */
  public void reread() {
    List<String> problems = new ArrayList<>();
    SortedMap<Path, String> now = new TreeMap<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.{json,jwks}")) {
        for (Path file : files) {
          now.put(file, read(file));
        }
      } catch (IOException e) {
        problems.add("tokens: " + e.getMessage());
        now.putAll(texts);
      }
    }
    texts.keySet().retainAll(now.keySet());
    keysByFile.keySet().retainAll(now.keySet());
    now.forEach((file, text) -> {
      if (text.equals(texts.get(file))) {
        return;
      }
      try {
        keysByFile.put(file, JWKSet.parse(text).toPublicJWKSet().getKeys());
        texts.put(file, text);
      } catch (ParseException e) {
        problems.add("tokens: " + file + " is no JSON Web Key Set; the keys it had stay");
      }
    });
    keys =
        Stream.concat(own.stream(), keysByFile.values().stream().flatMap(List::stream))
            .limit(MOST_KEYS)
            .toList();
    String problem = String.join("; ", problems);
    if (!problem.isEmpty() && !problem.equals(lastProblem)) {
      told.accept(problem);
    }
    lastProblem = problem;
  }

  private static String read(Path file) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException(file + " is over " + MOST_BYTES + " bytes");
    }
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
