package dev.weir.control.source.resource;

import dev.weir.control.model.BackendTls;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import dev.weir.control.model.schema.Word;
import dev.weir.control.source.reader.Findings;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a gateway.networking.k8s.io {@code BackendTLSPolicy}. */
final class BackendTlsReader implements BodyReader<BackendTlsReader.Body> {
  static final String LABELS = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
  static final String HOST = "^" + LABELS;
  static final String NO_HOST = "no name in DNS, in lower case";
  static final String MAYBE_ANY_HOST = "^(\\*\\.)?" + LABELS;

  @Ignored({"apiVersion", "kind", "metadata", "status"})
  record Body(@Field("How backends are called.") Spec spec) {}

  record Spec(
      @Field(value = "What it is for.", min = "1", max = "16", unique = true)
          List<Target> targetRefs,
      @Field("Whom to trust.") Validation validation,
      @Field(value = "Of implementations; Weir has none.", max = "16")
          Map<String, String> options) {}

  record Target(
      @Field(value = "Empty for a Service.", max = "253") String group,
      @Field(value = "Service.", min = "1", max = "63") String kind,
      @Field(value = "Its name, in the policy's namespace.", min = "1", max = "253") String name,
      @Field(value = "A port's name.", min = "1", max = "253") @Nullable String sectionName) {}

  record Validation(
      @Field(value = "Who issues its certificate.", max = "8") List<Reference> caCertificateRefs,
      @Field(value = "System, in their place.", max = "253")
          @Nullable String wellKnownCACertificates,
      @Field(
              value = "The server's name.",
              min = "1",
              max = "253",
              pattern = HOST,
              otherwise = NO_HOST)
          String hostname,
      @Field(value = "Names that its certificate may have, in place of hostname.", max = "5")
          List<AltName> subjectAltNames) {
    Validation {
      boolean named = wellKnownCACertificates != null && !wellKnownCACertificates.isEmpty();
      if (named == !caCertificateRefs.isEmpty()) {
        throw new IllegalArgumentException(
            "write either caCertificateRefs or wellKnownCACertificates");
      }
    }
  }

  record Reference(
      @Field(value = "Empty for a ConfigMap.", max = "253") String group,
      @Field(value = "ConfigMap.", min = "1", max = "63") String kind,
      @Field(value = "Its name.", min = "1", max = "253") String name) {}

  record AltName(
      @Field("What it is.") AltNameType type,
      @Field(
              value = "Of type Hostname.",
              max = "253",
              pattern = MAYBE_ANY_HOST,
              otherwise = NO_HOST)
          @Nullable String hostname,
      @Field(value = "Of type URI.", max = "253") @Nullable String uri) {
    AltName {
      RouteParts.requireOwn(
          Map.of(
              AltNameType.HOSTNAME,
              hostname != null && !hostname.isEmpty(),
              AltNameType.URI,
              uri != null && !uri.isEmpty()),
          type);
      if (uri != null && !isAbsolute(uri)) {
        throw new IllegalArgumentException("\"" + uri + "\" is no URI with a scheme");
      }
    }

    private static boolean isAbsolute(String text) {
      try {
        return new URI(text).isAbsolute();
      } catch (URISyntaxException e) {
        return false;
      }
    }

    BackendTls.Name model() {
      return switch (type) {
        case HOSTNAME -> new BackendTls.DnsName(String.valueOf(hostname));
        case URI -> new BackendTls.Uri(String.valueOf(uri));
      };
    }
  }

  enum AltNameType {
    HOSTNAME,
    @Word("URI")
    URI
  }

  @Override
  public Class<Body> type() {
    return Body.class;
  }

  /** What Weir does not know of it, the linker says: it fails closed. */
  @Override
  public Resource translate(Manifest manifest, Body body, Findings findings) {
    Validation validation = body.spec.validation;
    String namespace = manifest.name().namespace();
    return new Resource.OfBackendTls(
        manifest,
        body.spec.targetRefs.stream()
            .map(target ->
                new Resource.PolicyTarget(
                    target.group,
                    target.kind,
                    new ObjectName(namespace, target.name),
                    Optional.ofNullable(target.sectionName).orElse("")))
            .toList(),
        validation.caCertificateRefs.stream()
            .map(ref ->
                new Resource.LocalReference(
                    ref.group, ref.kind, new ObjectName(namespace, ref.name)))
            .toList(),
        Optional.ofNullable(validation.wellKnownCACertificates).orElse(""),
        validation.hostname,
        validation.subjectAltNames.stream().map(AltName::model).toList(),
        List.copyOf(body.spec.options.keySet()));
  }
}
