package dev.weir.sidecar.config.tls;

/** {@code extensions.transport_sockets.tls.v3.Secret}. */
public record Secret(String name, Content content) {
  /** What may be secret. */
  public sealed interface Content
      permits TlsCertificate, IssuedCertificate, ValidationContext, AwaitedSecret {}
}
