package dev.weir.protos.honoured;

/** What becomes of a resource that sets a field which is not honoured. */
public enum FieldPolicy {
  /** It is refused, the path in the reason. */
  REJECT,
  /** It is taken; the path is logged once. */
  WARN,
  /** It is taken. */
  IGNORE
}
