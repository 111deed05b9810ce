package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.xds.ControlThread;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.sidecar.xds.disk.LastGoodFile;
import dev.weir.sidecar.xds.disk.LastGoodWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The configuration on disk, if it is kept there: read when something of it is first wanted,
 * written a while after a change. Control thread.
 */
final class LastGood {
  /** Changes within this are written together. */
  private static final Duration WRITE_AFTER = Duration.ofSeconds(1);

  private final Optional<LastGoodWriter> writer;
  private final ControlThread control;
  private final Supplier<List<Resource>> inForce;
  private @Nullable List<Resource> read;
  private boolean writing;

  /**
   * @param inForce what is to be kept
   */
  LastGood(Optional<LastGoodFile> file, ControlThread control, Supplier<List<Resource>> inForce) {
    this.writer = file.map(LastGoodWriter::new);
    this.control = control;
    this.inForce = inForce;
  }

  /** Those of {@code type} that it had at the start. */
  List<Resource> atStart(ResourceType type, Predicate<String> names) {
    List<Resource> all = read;
    if (all == null) {
      all = writer.flatMap(each -> each.file().read()).orElse(List.of());
      read = all;
    }
    return all.stream().filter(each -> each.type() == type && names.test(each.name())).toList();
  }

  Optional<Instant> writtenAt() {
    return writer.flatMap(each -> each.file().writtenAt());
  }

  void writeSoon() {
    if (!writing && writer.isPresent()) {
      writing = true;
      control.schedule(WRITE_AFTER, this::write);
    }
  }

  private void write() {
    if (writing) {
      writing = false;
      writer.ifPresent(each -> each.write(inForce.get()));
    }
  }

  /** What is to be written is, or given up after a while. */
  void close() {
    write();
    writer.ifPresent(LastGoodWriter::close);
  }
}
