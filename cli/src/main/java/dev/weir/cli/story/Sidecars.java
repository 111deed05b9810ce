package dev.weir.cli.story;

import java.io.IOException;
import java.util.List;

/** The sidecars that can be asked. Their pages are asked for by many threads at once. */
public interface Sidecars {
  /** Their names, as people call them. */
  List<String> names() throws IOException;

  /**
   * A page of one's admin.
   *
   * @param path with its query
   * @throws IOException it cannot be had, with the reason
   */
  String page(String name, String path) throws IOException;
}
