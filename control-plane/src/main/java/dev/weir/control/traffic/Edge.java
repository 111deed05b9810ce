package dev.weir.control.traffic;

/**
 * Who calls a port of a service.
 *
 * @param source the workload, namespace/name; {@code unknown/unknown} for who has not proved who it
 *     is
 * @param destination the service, namespace/name; without a namespace where nobody says whose it is
 * @param port 0 for not known
 */
public record Edge(String source, String destination, int port) {
  /** All that there is no more room for. */
  public static final Edge OTHERS = new Edge("others/others", "others/others", 0);
}
