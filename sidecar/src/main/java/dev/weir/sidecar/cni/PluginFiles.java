package dev.weir.sidecar.cni;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The plugin among the node's: a script, and the busybox that runs it, since a node need not have a
 * shell. They stay when the agent goes: pods that were made by the plugin are ended by it too.
 */
final class PluginFiles {
  /** A busybox that is called by another name than its own looks for an applet of that name. */
  static final String BUSYBOX = "busybox-weir";

  private PluginFiles() {}

  /**
   * @param bin where the node has its plugins
   * @param run where the plugin asks
   */
  static void install(Path bin, Path run, Path busybox, Duration patience) throws IOException {
    AtomicFile.writeProgram(bin.resolve(BUSYBOX), Files.readAllBytes(busybox));
    String script =
        template()
            .replace("${busybox}", bin.resolve(BUSYBOX).toString())
            .replace("${run}", run.toString())
            .replace("${patience}", Long.toString(patience.toSeconds()));
    AtomicFile.writeProgram(
        bin.resolve(NetworkConf.PLUGIN), script.getBytes(StandardCharsets.UTF_8));
  }

  private static String template() throws IOException {
    try (InputStream in = PluginFiles.class.getResourceAsStream(NetworkConf.PLUGIN)) {
      if (in == null) {
        throw new IllegalStateException(NetworkConf.PLUGIN + " is not in the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
