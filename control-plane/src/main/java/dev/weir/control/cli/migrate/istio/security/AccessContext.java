package dev.weir.control.cli.migrate.istio.security;

/**
 * Where a rule of an AuthorizationPolicy stands, as far as its words depend on that.
 *
 * @param namespace of the policy
 * @param strict whether each caller of what it is for has a certificate
 * @param issuers whose tokens are verified there
 * @param ports of what it is for
 */
record AccessContext(
    IstioMesh mesh, String namespace, boolean strict, Issuers issuers, InstancePorts ports) {
  boolean trusts(String trustDomain) {
    return mesh.trusts(trustDomain);
  }
}
