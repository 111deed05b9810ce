package dev.weir.demo;

import java.io.IOException;

/** One thing that the mesh does, shown and checked. Main thread. */
interface Scene {
  /** Names it among the figures. */
  String name();

  String title();

  /** Whether it held. Leaves the shop as it found it. */
  boolean play(Stage stage, Teller teller, Figures figures)
      throws IOException, InterruptedException;
}
