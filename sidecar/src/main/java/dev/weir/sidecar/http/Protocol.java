package dev.weir.sidecar.http;

/** The version a stream came with or leaves by. */
public enum Protocol {
  HTTP1("HTTP/1.1"),
  HTTP2("HTTP/2");

  private final String text;

  Protocol(String text) {
    this.text = text;
  }

  /** As the access log's {@code %PROTOCOL%}. */
  @Override
  public String toString() {
    return text;
  }
}
