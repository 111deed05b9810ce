package dev.weir.sidecar.xds;

import dev.weir.protos.yaml.TextFile;
import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.runtime.WatchedFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Has the resources of one type in a file, a DiscoveryResponse in YAML or JSON, and looks whether
 * it is another one twice a second. What cannot be read is told once, and what it held before
 * stays. Control thread; the file is looked at and read beside it.
 */
public final class FileClient implements ResourceSource {
  private static final Duration INTERVAL = Duration.ofMillis(500);
  private static final long MAX_BYTES = 64 << 20;

  private final ResourceType type;
  private final Path file;
  private final WatchedFile watched;
  private final ControlThread control;
  private final Executor readers;
  private final ResourceHandler handler;
  private final Log log;
  private final ToldRefusals told;

  private Future<?> next = CompletableFuture.completedFuture(null);
  private @Nullable Batch batch;
  private SortedSet<String> names = Collections.emptySortedSet();
  private String problem = "";
  private boolean closed;

  public FileClient(
      ResourceType type,
      ConfigSource.File source,
      ControlThread control,
      Executor readers,
      ResourceHandler handler,
      Log log) {
    this.type = type;
    this.file = Path.of(source.path());
    this.watched = new WatchedFile(file, source.watchedDirectory().map(Path::of));
    this.control = control;
    this.readers = readers;
    this.handler = handler;
    this.log = log;
    this.told = new ToldRefusals(log);
  }

  /** All that is in the file is brought anyway. */
  @Override
  public void subscribeToAll(ResourceType wanted) {}

  @Override
  public void start() {
    look();
  }

  @Override
  public void wantedChanged() {
    Batch held = batch;
    if (held != null && !names.equals(handler.wanted(type))) {
      bring(held);
    }
  }

  @Override
  public void inForce(Collection<Resource> resources) {}

  @Override
  public void close() {
    closed = true;
    next.cancel(false);
  }

  private void look() {
    readers.execute(() -> {
      ResponseText.@Nullable Read read = watched.look() == WatchedFile.Look.ANOTHER ? read() : null;
      control.execute(() -> looked(read));
    });
  }

  private void looked(ResponseText.@Nullable Read read) {
    if (closed) {
      return;
    }
    next = control.schedule(INTERVAL, this::look);
    if (read != null) {
      handler.onAttempt(type);
    }
    switch (read) {
      case null -> {}
      case ResponseText.Read.Response(String _, Batch held) -> {
        batch = held;
        problem = "";
        List<Refused> refused = bring(held);
        told.tell(type, refused, held.resources());
        handler.onTaken(type, refused.isEmpty());
      }
      case ResponseText.Read.Unreadable(String why) -> {
        if (!why.equals(problem)) {
          problem = why;
          log.accept(
              "xds: %s; %s"
                  .formatted(
                      why,
                      batch == null
                          ? "nothing of it is in force"
                          : "what it held before stays in force"));
        }
        handler.onFetchFailed(why);
      }
    }
  }

  /** Names that are wanted and not in the file need not be waited for. */
  private List<Refused> bring(Batch held) {
    names = handler.wanted(type);
    Set<String> missing = new TreeSet<>(names);
    held.resources().forEach(resource -> missing.remove(resource.name()));
    held.refused().forEach(refused -> missing.remove(refused.name()));
    List<Refused> refused = new ArrayList<>(held.refused());
    refused.addAll(
        handler.onResources(
            type, held.resources(), missing, type.isComplete() && held.refused().isEmpty()));
    return refused;
  }

  private ResponseText.Read read() {
    try {
      if (Files.size(file) > MAX_BYTES) {
        return unreadable("it has more than " + MAX_BYTES + " bytes");
      }
      return ResponseText.read(type, file.toString(), TextFile.read(file));
    } catch (NoSuchFileException e) {
      return unreadable("there is no such file");
    } catch (AccessDeniedException e) {
      return unreadable("permission to read it is denied");
    } catch (TextFile.NotUtf8 e) {
      return unreadable("it is no text: " + e.getMessage());
    } catch (IOException e) {
      return unreadable("it cannot be read: " + e.getMessage());
    }
  }

  private ResponseText.Read unreadable(String why) {
    return new ResponseText.Read.Unreadable(file + ": " + why);
  }
}
