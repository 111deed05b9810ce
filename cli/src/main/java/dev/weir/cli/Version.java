package dev.weir.cli;

/**
 * What {@code --version} prints.
 *
 * @param product what has that version: {@code weir sidecar}
 * @param home a class of the jar whose manifest has it; a class folder has none
 */
public record Version(String product, Class<?> home) {
  String text() {
    String version = home.getPackage().getImplementationVersion();
    return product + " " + (version == null ? "(development)" : version);
  }
}
