package dev.weir.sidecar.config.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code extensions.transport_sockets.tls.v3.Secret}.
 *
 * @param watchedDirectory of its files, asked in their place whether they have changed; empty: they
 *     are asked themselves
 */
public record Secret(String name, Content content, Optional<String> watchedDirectory) {
  /** What may be secret. */
  public sealed interface Content
      permits TlsCertificate,
          IssuedCertificate,
          ValidationContext,
          SessionTicketKeys,
          AwaitedSecret {
    /** The same of other sources. */
    Content with(DataSource.Change change);
  }

  /** One without a directory of its own. */
  public Secret(String name, Content content) {
    this(name, content, Optional.empty());
  }

  /** The files that it names, each once. */
  public List<DataSource.File> files() {
    List<DataSource.File> files = new ArrayList<>();
    Content _ =
        content.with((field, source) -> {
          if (source instanceof DataSource.File file && !files.contains(file)) {
            files.add(file);
          }
          return source;
        });
    return files;
  }
}
