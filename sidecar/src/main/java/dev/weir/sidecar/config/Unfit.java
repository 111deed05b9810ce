package dev.weir.sidecar.config;

/**
 * What cannot be compiled. It carries field and reason out of a compiler's recursion and becomes a
 * {@code Parsed.Rejected} at the door.
 */
public final class Unfit extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String field;
  private final String reason;

  /**
   * @param field path as written, from the message that is compiled; empty for that as a whole
   */
  public Unfit(String field, String reason) {
    super(field + ": " + reason, null, false, false);
    this.field = field;
    this.reason = reason;
  }

  /** Runs {@code compile}; what it finds unfit is so at {@code field}. */
  public static <T> T at(String field, java.util.function.Supplier<T> compile) {
    try {
      return compile.get();
    } catch (Unfit e) {
      throw new Unfit(e.field.isEmpty() ? field : field + "." + e.field, e.reason);
    } catch (IllegalArgumentException e) {
      throw new Unfit(field, String.valueOf(e.getMessage()));
    }
  }

  public String field() {
    return field;
  }

  public String reason() {
    return reason;
  }
}
