package dev.weir.control.cli.migrate.linkerd;

import dev.weir.control.cli.migrate.resource.Callers.By;
import dev.weir.control.cli.migrate.resource.Callers.Caller;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.model.Addresses;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Linkerd's MeshTLSAuthentication and NetworkAuthentication, and ServiceAccounts: who is named by
 * them. Whoever cannot be said is left out, so that nobody is let in for another.
 */
final class Authentications {
  private static final Pattern IDENTITY =
      Pattern.compile("(.+)\\.([a-z0-9-]+)\\.serviceaccount\\.identity\\.[a-z0-9-]+\\.(.+)");
  private static final String TRUST_DOMAIN = "cluster.local";

  /**
   * Of whom one must call.
   *
   * @param anyIdentity or whoever has a certificate
   */
  record Named(List<Caller> callers, boolean anyIdentity) {
    Named {
      callers = List.copyOf(callers);
    }

    /** Whether nobody comes in without a certificate. */
    boolean wantsCertificate() {
      return callers.stream().noneMatch(caller -> caller.by() == By.IP_BLOCKS);
    }
  }

  private final Report report;
  private final Map<String, Named> named = new HashMap<>();

  Authentications(Report report) {
    this.report = report;
  }

  void addMeshTls(ObjectName name, Fields spec) {
    List<Caller> callers = new ArrayList<>();
    boolean any = false;
    List<String> identities = spec.texts("identities");
    for (int i = 0; i < identities.size(); i++) {
      if (identities.get(i).equals("*")) {
        any = true;
        continue;
      }
      Optional<Caller> caller = identity(identities.get(i));
      if (caller.isPresent()) {
        callers.add(caller.get());
      } else {
        report.without(
            spec.at(),
            spec.path().field("identities").index(i),
            "an identity is that of a service account of this mesh, or of all of a namespace; whom"
                + " it lets in is refused");
      }
    }
    for (Fields ref : spec.maps("identityRefs")) {
      String namespace = ref.text("namespace").orElse(name.namespace());
      String of = ref.text("name").orElse("");
      ref.ignore("group");
      switch (ref.text("kind").orElse("")) {
        case "ServiceAccount" -> callers.add(new Caller(By.SERVICE_ACCOUNTS, namespace + "/" + of));
        case "Namespace" -> {
          if (of.matches(AuthorizationSpec.Caller.NAMESPACE)) {
            callers.add(new Caller(By.NAMESPACES, of));
          } else {
            report.wrong(ref.at(), ref.path().field("name"), "\"" + of + "\" is no namespace");
          }
        }
        default ->
            report.without(
                ref.at(),
                ref.path().field("kind"),
                "an identity is that of a ServiceAccount, or of all of a Namespace; whom it lets in"
                    + " is refused");
      }
    }
    named.put("MeshTLSAuthentication " + name, new Named(callers, any));
  }

  private static Optional<Caller> identity(String identity) {
    if (identity.startsWith("spiffe://") && !identity.contains("*")) {
      return Optional.of(new Caller(By.PRINCIPALS, identity));
    }
    Matcher parts = IDENTITY.matcher(identity);
    if (!parts.matches() || !parts.group(3).equals(TRUST_DOMAIN)) {
      return Optional.empty();
    }
    String account = parts.group(1);
    if (account.equals("*")) {
      return Optional.of(new Caller(By.NAMESPACES, parts.group(2)));
    }
    return account.contains("*")
        ? Optional.empty()
        : Optional.of(new Caller(By.SERVICE_ACCOUNTS, parts.group(2) + "/" + account));
  }

  void addNetwork(ObjectName name, Fields spec) {
    List<Caller> callers = new ArrayList<>();
    for (Fields network : spec.maps("networks")) {
      String block = network.text("cidr").orElse("");
      if (network.has("except")) {
        network.without(
            "except", "a rule says who calls, and not who does not; whom it lets in is refused");
      } else if (Addresses.isBlock(block)) {
        callers.add(new Caller(By.IP_BLOCKS, block));
      } else {
        report.wrong(
            network.at(),
            network.path().field("cidr"),
            "\"" + block + "\" is no block of addresses");
      }
    }
    named.put("NetworkAuthentication " + name, new Named(callers, false));
  }

  /** What a reference of an AuthorizationPolicy means; empty: it is not among the files. */
  Optional<Named> of(Fields reference, String namespace) {
    String kind = reference.text("kind").orElse("");
    ObjectName name =
        new ObjectName(
            reference.text("namespace").orElse(namespace), reference.text("name").orElse(""));
    reference.ignore("group");
    return kind.equals("ServiceAccount")
        ? Optional.of(new Named(List.of(new Caller(By.SERVICE_ACCOUNTS, name.toString())), false))
        : Optional.ofNullable(named.get(kind + " " + name));
  }
}
