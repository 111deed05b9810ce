package dev.weir.control.ui.looker;

import dev.weir.cli.story.Sidecars;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A mesh as who looks can ask it. Any thread, which it blocks. */
public interface Mesh {
  /** What it is, for people. */
  String name();

  /**
   * A page of the admin of each of its control planes that answers, one at least.
   *
   * @param path with its query
   * @throws IOException none does, with the reason
   */
  List<String> pages(String path) throws IOException;

  /**
   * Its sidecars.
   *
   * @param only of this service or instance; empty: all
   */
  Sidecars sidecars(Optional<String> only);
}
