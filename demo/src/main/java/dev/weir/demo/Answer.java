package dev.weir.demo;

import java.util.Comparator;

/**
 * What a call came to.
 *
 * @param status 0: there was no answer
 * @param cause {@code x-weir-cause}, or why there was no answer; empty: none
 */
record Answer(int status, String cause, long nanos) {
  /** Answers that are told apart when they are counted. */
  record Kind(int status, String cause) implements Comparable<Kind> {
    private static final Comparator<Kind> ORDER =
        Comparator.comparingInt(Kind::status).thenComparing(Kind::cause);

    @Override
    public int compareTo(Kind other) {
      return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
      String told = status == 0 ? "no answer" : Integer.toString(status);
      return cause.isEmpty() ? told : told + " " + cause;
    }
  }

  boolean ok() {
    return status == 200;
  }

  double millis() {
    return nanos / 1e6;
  }

  /** The cause without its parameters. */
  Kind kind() {
    int parameters = cause.indexOf(';');
    return new Kind(status, parameters < 0 ? cause : cause.substring(0, parameters));
  }
}
