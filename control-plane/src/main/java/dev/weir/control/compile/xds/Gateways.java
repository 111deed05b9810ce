package dev.weir.control.compile.xds;

import dev.weir.control.compile.Diagnostics;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.Slice;
import dev.weir.control.model.Gateway;
import dev.weir.control.model.MeshConfig;
import dev.weir.control.policy.Policies;
import dev.weir.protos.extensions.http.forwarded_client_cert.v1alpha1.ForwardedClientCert;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertDetails;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.SetCurrentClientCertDetails;
import java.util.List;
import java.util.Optional;

/**
 * What an app is told of who called it, in {@code x-forwarded-client-cert}: the caller's
 * certificate, and before it what a gateway says, if that is who called.
 *
 * @param names of gateways, in their certificates
 * @param leftOut why this proxy believes none of them
 */
record Gateways(List<String> names, Optional<String> leftOut) {
  Gateways {
    names = List.copyOf(names);
  }

  static Gateways of(Slice slice, ProxyKind kind) {
    List<String> names =
        slice.mesh().model().config().gateways().stream()
            .map(gateway -> name(gateway, slice.mesh().trustDomain()))
            .distinct()
            .sorted()
            .toList();
    return new Gateways(names, leftOut(kind));
  }

  private static String name(Gateway gateway, String trustDomain) {
    return switch (gateway) {
      case Gateway.Account(String account) -> {
        int slash = account.indexOf('/');
        yield Principals.identity(
            trustDomain, account.substring(0, slash), account.substring(slash + 1));
      }
      case Gateway.Principal(String name) -> name;
    };
  }

  private static Optional<String> leftOut(ProxyKind kind) {
    if (!kind.takes(Extension.WORKLOAD_IDENTITY)) {
      return Optional.of(
          "left out: this client takes no mutual TLS, by which a gateway proves who it is; nobody's"
              + " x-forwarded-client-cert is believed");
    }
    return kind.takes(Extension.FORWARDED_CLIENT_CERT)
        ? Optional.empty()
        : Optional.of(
            "left out: this client cannot tell gateways from others; nobody's"
                + " x-forwarded-client-cert is believed");
  }

  /** Notes that what is being made follows from them. */
  void use(Policies policies, Diagnostics diagnostics) {
    if (!names.isEmpty()) {
      policies.use("MeshConfig", MeshConfig.NAME);
      leftOut.ifPresent(
          reason -> diagnostics.report("MeshConfig " + MeshConfig.NAME, "gateways", reason));
    }
  }

  /** Our own word is always the last one. */
  void tell(HttpConnectionManager.Builder manager) {
    boolean believed = !names.isEmpty() && leftOut.isEmpty();
    manager
        .setForwardClientCertDetails(
            believed
                ? ForwardClientCertDetails.APPEND_FORWARD
                : ForwardClientCertDetails.SANITIZE_SET)
        .setSetCurrentClientCertDetails(
            SetCurrentClientCertDetails.newBuilder().setSubject(Protos.bool(true)).setUri(true));
    if (believed) {
      manager.addEarlyHeaderMutationExtensions(
          TypedExtensionConfig.newBuilder()
              .setName(Extension.FORWARDED_CLIENT_CERT.key())
              .setTypedConfig(
                  Protos.any(ForwardedClientCert.newBuilder().addAllBelieved(names).build())));
    }
  }
}
