package dev.weir.cli;

/**
 * What {@code --version} prints.
 *
 * @param product what has that version: {@code weir sidecar}
 * @param home a class of the jar whose manifest has it; a class folder has none
 */
public record Version(String product, Class<?> home) {
  String text() {
    return product + " " + number();
  }

  /** The version alone. */
  public String number() {
    String version = home.getPackage().getImplementationVersion();
    return version == null ? "(development)" : version;
  }
}
