package dev.weir.sidecar.config.tls;

/**
 * Holds the name of a secret that is made in this process, and takes its place when it is there.
 */
public record AwaitedSecret() implements Secret.Content {
  @Override
  public AwaitedSecret with(DataSource.Change change) {
    return this;
  }
}
