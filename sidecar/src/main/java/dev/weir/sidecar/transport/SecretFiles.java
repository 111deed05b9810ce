package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.Stats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;

/**
 * Stands before {@link Secrets} and keeps those that name files as the files are: it looks at them
 * twice a second, and a new content that can be used is put in force as one. What cannot be used is
 * told and counted, and changes nothing. As Envoy's "SDS key rotation".
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/security/secret#sds-key-rotation
 * Control thread; files are looked at beside it, but for a secret that is new.
 */
public final class SecretFiles {
  private static final Duration INTERVAL = Duration.ofMillis(500);

  private final Secrets secrets;
  private final BiConsumer<Duration, Runnable> control;
  private final Executor readers;
  private final Stats stats;
  private final int failed;
  private final Log log;
  private final Map<String, FileSecret> files = new HashMap<>();

  /** Those whose trouble has been told, by the line. */
  private final Map<FileSecret, String> troubled = new HashMap<>();

  private boolean looking;
  private boolean closed;

  /** A secret, and what a look at its files has come to. */
  private record Looked(FileSecret secret, FileSecret.Found found) {}

  /**
   * @param control runs a task on the control thread after a delay
   * @param readers files are looked at and read on these threads, and may be waited for
   * @param log told what happens, a line each
   */
  public SecretFiles(
      Secrets secrets,
      BiConsumer<Duration, Runnable> control,
      Executor readers,
      Stats stats,
      Log log) {
    this.secrets = secrets;
    this.control = control;
    this.readers = readers;
    this.stats = stats;
    this.failed = stats.counter(StatName.of("sds", "", "", "key_rotation_failed"));
    this.log = log;
  }

  /** Takes over what is in force now, in place of what had this name. */
  public void put(Secret secret) {
    FileSecret before = files.get(secret.name());
    if (before != null && before.secret().equals(secret)) {
      return;
    }
    forget(secret.name());
    if (secret.files().isEmpty()) {
      secrets.put(secret);
      return;
    }
    FileSecret made = new FileSecret(secret);
    files.put(secret.name(), made);
    made.look().ifPresent(found -> take(made, found));
    if (!looking) {
      looking = true;
      control.accept(INTERVAL, this::look);
    }
  }

  /** Forgets all but {@code names}. What was made of them goes on. */
  public void retain(Set<String> names) {
    List.copyOf(files.keySet()).stream()
        .filter(name -> !names.contains(name))
        .forEach(this::forget);
    secrets.retain(names);
  }

  /** Looks no more. */
  public void close() {
    closed = true;
  }

  private void forget(String name) {
    FileSecret gone = files.remove(name);
    if (gone != null) {
      troubled.remove(gone);
    }
  }

  private void look() {
    if (closed || files.isEmpty()) {
      looking = false;
      return;
    }
    List<FileSecret> all = List.copyOf(files.values());
    readers.execute(() -> {
      List<Looked> news = new ArrayList<>();
      for (FileSecret each : all) {
        each.look().ifPresent(found -> news.add(new Looked(each, found)));
      }
      control.accept(Duration.ZERO, () -> looked(news));
    });
  }

  private void looked(List<Looked> news) {
    control.accept(INTERVAL, this::look);
    for (Looked each : news) {
      if (files.get(each.secret.secret().name()) == each.secret) {
        take(each.secret, each.found);
      }
    }
  }

  private void take(FileSecret from, FileSecret.Found found) {
    String name = from.secret().name();
    switch (found) {
      case FileSecret.Content(Secret.Content content) -> {
        secrets.put(new Secret(name, content));
        tellGood(from);
      }
      case FileSecret.AsBefore() -> tellGood(from);
      case FileSecret.Useless(String reason) -> {
        stats.add(failed, 1);
        if (!reason.equals(troubled.put(from, reason))) {
          Optional<Secret.Content> held = secrets.get(name);
          log.accept(
              "secret \"%s\": its files: %s; %s"
                  .formatted(
                      name,
                      reason,
                      held.isPresent()
                          ? "what they held before stays in force"
                          : "nothing of them is in force"));
        }
      }
    }
  }

  private void tellGood(FileSecret secret) {
    if (troubled.remove(secret) != null) {
      log.info("secret \"" + secret.secret().name() + "\": its files are good, and in force");
    }
  }
}
