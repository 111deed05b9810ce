package dev.weir.sidecar.profile;

import java.io.InputStream;

/** What comes of asking for one. */
public sealed interface Profile {
  /** Bytes of a recording; who takes them closes them. */
  record Recorded(InputStream bytes) implements Profile {}

  /** Lines for people. */
  record Told(String text) implements Profile {}

  /** It cannot be had, now or at all. */
  record Refused(String why) implements Profile {}
}
