package dev.weir.control.source;

import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.Resource;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is written and changed as one, in one of its versions: a file, an object of a cluster.
 * Either all of a version is in force or nothing of it, but for a first version, of which what is
 * right is. Immutable.
 */
public interface Unit {
  /** Which no other unit has, of any source; findings name it as their file. */
  String name();

  /** Those that are right by themselves. */
  List<Resource> resources();

  /** What is wrong with the others. */
  List<Finding> findings();

  Instant readAt();

  /** Whether {@code other} is the same version. */
  boolean same(@Nullable Unit other);

  default boolean right() {
    return findings().stream().noneMatch(Finding::isError);
  }
}
