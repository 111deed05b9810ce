package dev.weir.protos;

/**
 * A place in a file; {@code line} and {@code column} count from 1. What came by the wire has a name
 * for its source and line 0.
 */
public record Location(String file, int line, int column) {
  /** What did not come from a file. */
  public static Location of(String source) {
    return new Location(source, 0, 0);
  }

  @Override
  public String toString() {
    return line == 0 ? file : file + ":" + line;
  }
}
