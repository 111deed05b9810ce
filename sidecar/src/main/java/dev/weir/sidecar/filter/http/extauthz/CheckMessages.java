package dev.weir.sidecar.filter.http.extauthz;

/**
 * {@code envoy.service.auth.v3.CheckRequest} and {@code CheckResponse}, on the wire. Any thread.
 */
public interface CheckMessages {
  byte[] request(Question question);

  /** A message that is none is a {@code Failed}. */
  Decision decision(byte[] response);
}
