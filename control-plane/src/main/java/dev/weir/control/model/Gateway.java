package dev.weir.control.model;

import dev.weir.control.model.schema.Field;

/** Who passes on the calls of others, by the name that it proves by a certificate. */
public sealed interface Gateway {
  /** A workload of the mesh. */
  record Account(
      @Field(
              value = "A service account, `namespace/name`, proved by a certificate.",
              min = "1",
              pattern = AuthorizationSpec.Caller.ACCOUNT,
              otherwise = "no service account: write namespace/name, ingress/gateway")
          String serviceAccount)
      implements Gateway {}

  /** Whoever has a certificate that the mesh trusts. */
  record Principal(
      @Field(
              value = "A whole name (URI or DNS) in a certificate.",
              min = "1",
              pattern = AuthorizationSpec.Caller.PRINCIPAL,
              otherwise = "no whole name: * stands for nothing in it; write each gateway's name")
          String principal)
      implements Gateway {}
}
