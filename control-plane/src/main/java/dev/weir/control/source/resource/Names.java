package dev.weir.control.source.resource;

/** What Kubernetes takes for a name. */
final class Names {
  static final String PATTERN = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";

  private Names() {}
}
