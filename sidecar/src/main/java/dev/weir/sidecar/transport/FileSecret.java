package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.runtime.WatchedFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A secret whose content is in files. They are read together, once none of them is being written,
 * and what was read counts if it can be used: until it can, it is read again at each look. One
 * thread at a time; its files are waited for.
 */
final class FileSecret {
  /** What a look has come to. */
  sealed interface Found {}

  /** The content that holds from now on, with nothing of it left in files. */
  record Content(Secret.Content content) implements Found {}

  /** Another reading that cannot be used: what was read before holds. */
  record Useless(String reason) implements Found {}

  /** After one that could not be used, what holds anyway. */
  record AsBefore() implements Found {}

  private final Secret secret;
  private final List<WatchedFile> watched;
  private boolean due;
  private Secret.@Nullable Content taken;

  /** What was read last, if it cannot be used. */
  private Secret.@Nullable Content refused;

  /** Why it cannot be read, or else used. */
  private String problem = "";

  FileSecret(Secret secret) {
    this.secret = secret;
    this.watched =
        secret
            .watchedDirectory()
            .map(Path::of)
            .map(directory -> List.of(new WatchedFile(directory, Optional.of(directory))))
            .orElseGet(() ->
                secret.files().stream()
                    .map(file -> new WatchedFile(Path.of(file.path()), Optional.empty()))
                    .toList());
  }

  Secret secret() {
    return secret;
  }

  /** Empty where there is nothing new, or nothing yet. */
  Optional<Found> look() {
    boolean changing = false;
    for (WatchedFile each : watched) {
      switch (each.look()) {
        case SAME -> {}
        case BEING_WRITTEN -> changing = true;
        case ANOTHER -> due = true;
      }
    }
    return due && !changing ? read() : Optional.empty();
  }

  private Optional<Found> read() {
    Secret.Content now = null;
    try {
      now = content();
      if (now.equals(taken)) {
        boolean told = !problem.isEmpty();
        return done(now, told ? Optional.of(new AsBefore()) : Optional.empty());
      }
      if (now.equals(refused)) {
        return Optional.empty();
      }
      if (!now.equals(content())) {
        return Optional.empty(); // they change as they are read
      }
      TransportSocketCompiler.check(now);
      return done(now, Optional.of(new Content(now)));
    } catch (Unfit e) {
      return useless(now, e.field().isEmpty() ? e.reason() : e.field() + ": " + e.reason());
    } catch (RuntimeException e) {
      // Its message may quote what was read.
      return useless(now, "an internal error: " + e.getClass().getName());
    }
  }

  private Secret.Content content() {
    return secret.content().with(Credentials::inline);
  }

  private Optional<Found> done(Secret.Content now, Optional<Found> found) {
    due = false;
    taken = now;
    refused = null;
    problem = "";
    return found;
  }

  private Optional<Found> useless(Secret.@Nullable Content now, String reason) {
    boolean known = reason.equals(problem) && Objects.equals(now, refused);
    refused = now;
    problem = reason;
    return known ? Optional.empty() : Optional.of(new Useless(reason));
  }
}
