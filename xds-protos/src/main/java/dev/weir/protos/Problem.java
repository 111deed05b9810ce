package dev.weir.protos;

/**
 * What is wrong with a file, where, and (in {@code message}) what to do: {@code
 * shop/inventory.yaml:9: spec.retry.budget.share: "120%" is over 100%}.
 *
 * @param field the path of the field; empty for the document as a whole
 */
public record Problem(Location at, String field, String message) {
  public Problem(Location at, FieldPath field, String message) {
    this(at, field.toString(), message);
  }

  @Override
  public String toString() {
    return at + ": " + (field.isEmpty() ? "" : field + ": ") + message;
  }
}
