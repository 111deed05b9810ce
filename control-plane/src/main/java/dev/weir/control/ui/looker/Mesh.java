package dev.weir.control.ui.looker;

import dev.weir.cli.story.Sidecars;
import java.io.IOException;
import java.util.Optional;

/** A mesh as who looks can ask it. Any thread, which it blocks. */
public interface Mesh {
  /** What it is, for people. */
  String name();

  /**
   * A page of its control plane's admin.
   *
   * @param path with its query
   * @throws IOException it cannot be had, with the reason
   */
  String page(String path) throws IOException;

  /**
   * Its sidecars.
   *
   * @param only of this service or instance; empty: all
   */
  Sidecars sidecars(Optional<String> only);
}
