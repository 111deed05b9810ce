package dev.weir.protos.convert;

/** A scalar that is not what its field wants; the message says what that is. Never leaves here. */
final class NotA extends Exception {
  NotA(String expected) {
    super(expected, null, false, false);
  }

  String expected() {
    return String.valueOf(getMessage());
  }
}
