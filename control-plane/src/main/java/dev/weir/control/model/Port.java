package dev.weir.control.model;

/**
 * A port of a {@link Service}.
 *
 * @param name unique in the service; empty when the service has but one
 * @param targetPort where its instances listen
 */
public record Port(String name, int port, int targetPort, Protocol protocol) {
  /** What is spoken on it, by {@code appProtocol} or the port's name. */
  public enum Protocol {
    /** HTTP/1.1 or HTTP/2, as the caller speaks it. */
    HTTP,
    /** Nobody says: as {@link #HTTP} where it looks so, else as {@link #TCP}. */
    AUTO,
    /** HTTP/2 to the instance, whatever the caller speaks. */
    HTTP2,
    /** Bytes; the server may speak first. */
    TCP
  }
}
