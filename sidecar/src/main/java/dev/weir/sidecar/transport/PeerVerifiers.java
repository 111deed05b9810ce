package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.tls.DataSource;
import dev.weir.sidecar.config.tls.ValidationContext;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Makes verifiers of validation contexts; what is wrong in one is {@link Unfit}. Any thread. */
final class PeerVerifiers {
  /** As in BoringSSL. */
  private static final int MOST_INTERMEDIATES = 99;

  private PeerVerifiers() {}

  /**
   * @param use what the peer is
   * @param nameOfServer {@code auto_sni_san_validation}
   */
  static PeerVerifier of(ValidationContext config, PathRules.Use use, boolean nameOfServer) {
    return new PeerVerifier(
        config.trustedCa().map(ca -> trusted(ca, config, use)),
        config.subjectAltNames(),
        Set.copyOf(config.certificateHashes()),
        Set.copyOf(config.spkiHashes()),
        nameOfServer,
        System::currentTimeMillis);
  }

  private static TrustedCas trusted(DataSource ca, ValidationContext config, PathRules.Use use) {
    X509Certificate[] all =
        Unfit.at("trusted_ca", () -> Credentials.certificates(Credentials.read(ca)));
    Optional<List<X509CRL>> lists = config.crl().map(crl -> Unfit.at("crl", () -> revoked(crl)));
    TrustedCas trusted =
        new TrustedCas(List.of(all), anchors -> trustManager(anchors, lists, config, use));
    trusted.until(System.currentTimeMillis()); // now, for whatever is wrong with it
    return trusted;
  }

  private static X509ExtendedTrustManager trustManager(
      Set<TrustAnchor> anchors,
      Optional<List<X509CRL>> lists,
      ValidationContext config,
      PathRules.Use use) {
    try {
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
      int most =
          config.maxVerifyDepth().map(PeerVerifiers::intermediates).orElse(MOST_INTERMEDIATES);
      // That of a path which is looked for among what was shown: others of the peer's making could
      // be many. One that is shown in order is held to its length by the rules.
      parameters.setMaxPathLength(Math.min(most, parameters.getMaxPathLength()));
      parameters.addCertPathChecker(new PathRules(use, most));
      parameters.setRevocationEnabled(lists.isPresent());
      if (lists.isPresent()) {
        revocation(lists.get(), config, parameters);
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(new CertPathTrustManagerParameters(parameters));
      for (TrustManager each : factory.getTrustManagers()) {
        if (each instanceof X509ExtendedTrustManager manager) {
          return manager;
        }
      }
      throw new IllegalStateException("this JDK has no PKIX");
    } catch (GeneralSecurityException e) {
      throw new Unfit("trusted_ca", "cannot be used: " + e.getMessage());
    }
  }

  /** The depth is counted with the trusted CA, and without the peer's own. */
  private static int intermediates(int depth) {
    return Math.max(0, depth - 1);
  }

  /** As in Envoy, a CA of the chain without a list is one whose certificates are not taken. */
  private static void revocation(
      List<X509CRL> lists, ValidationContext config, PKIXBuilderParameters parameters)
      throws GeneralSecurityException {
    PKIXRevocationChecker checker =
        (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
    EnumSet<PKIXRevocationChecker.Option> options =
        EnumSet.of(
            PKIXRevocationChecker.Option.PREFER_CRLS, PKIXRevocationChecker.Option.NO_FALLBACK);
    if (config.onlyVerifyLeafCrl()) {
      options.add(PKIXRevocationChecker.Option.ONLY_END_ENTITY);
    }
    checker.setOptions(options);
    parameters.addCertPathChecker(checker);
    parameters.addCertStore(
        CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists)));
  }

  private static List<X509CRL> revoked(DataSource source) {
    try {
      Collection<? extends java.security.cert.CRL> read =
          CertificateFactory.getInstance("X.509")
              .generateCRLs(new ByteArrayInputStream(Credentials.read(source)));
      List<X509CRL> lists = new ArrayList<>();
      for (java.security.cert.CRL each : read) {
        if (each instanceof X509CRL list) {
          lists.add(list);
        }
      }
      if (lists.isEmpty()) {
        throw new Unfit("", "has no list of revoked certificates in PEM");
      }
      return lists;
    } catch (CertificateException | CRLException e) {
      throw new Unfit("", "has no list of revoked certificates in PEM: " + e.getMessage());
    }
  }
}
