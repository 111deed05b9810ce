package dev.weir.control.model;

/** Names of workloads. https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md */
public final class Spiffe {
  private Spiffe() {}

  /** Of a service account. */
  public static String of(String trustDomain, String namespace, String account) {
    return in(trustDomain, namespace) + account;
  }

  /** What those of a namespace begin with. */
  public static String in(String trustDomain, String namespace) {
    return "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/";
  }

  /** Of a service of a folder, whose account has the service's name. */
  public static String of(String trustDomain, ObjectName service) {
    return of(trustDomain, service.namespace(), service.name());
  }
}
