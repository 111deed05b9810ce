package dev.weir.control.source.resource;

import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.HttpMatch.PathMatch;
import dev.weir.control.model.HttpMatch.PathType;
import dev.weir.control.model.Route;
import dev.weir.control.model.RouteFilters;
import dev.weir.control.model.RouteFilters.PathChange;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.model.schema.Word;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.RouteParts.HeaderModifier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The filters of a rule of an {@code HTTPRoute}. */
final class HttpFilters {
  /** Gateway API's {@code PreciseHostname}. */
  static final String HOSTNAME =
      "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

  static final String PATH = "^(/([-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F][0-9a-fA-F])*)?$";
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private HttpFilters() {}

  @Planned({"extensionRef", "externalAuth"})
  record Filter(
      @Field("What it does.") Type type,
      @Field("For RequestHeaderModifier.") @Nullable HeaderModifier requestHeaderModifier,
      @Field("For ResponseHeaderModifier.") @Nullable HeaderModifier responseHeaderModifier,
      @Field("For RequestMirror.") Mirrors.@Nullable Mirror requestMirror,
      @Field("For RequestRedirect.") @Nullable Redirect requestRedirect,
      @Field("For URLRewrite.") @Nullable Rewrite urlRewrite,
      @Field("For CORS.") CorsFilter.@Nullable Cors cors) {
    Filter {
      RouteParts.requireOwn(
          Map.of(
              Type.REQUEST_HEADER_MODIFIER,
              requestHeaderModifier != null,
              Type.RESPONSE_HEADER_MODIFIER,
              responseHeaderModifier != null,
              Type.REQUEST_MIRROR,
              requestMirror != null,
              Type.REQUEST_REDIRECT,
              requestRedirect != null,
              Type.URL_REWRITE,
              urlRewrite != null,
              Type.CORS,
              cors != null),
          type);
    }
  }

  @Planned({"ExtensionRef", "ExternalAuth"})
  enum Type {
    REQUEST_HEADER_MODIFIER,
    RESPONSE_HEADER_MODIFIER,
    REQUEST_MIRROR,
    REQUEST_REDIRECT,
    @Word("URLRewrite")
    URL_REWRITE,
    @Word("CORS")
    CORS
  }

  record Redirect(
      @Field("The request's, if unset.") @Nullable Scheme scheme,
      @Field(value = "The request's, if unset.", min = "1", max = "253", pattern = HOSTNAME)
          @Nullable String hostname,
      @Field("The request's, if unset.") @Nullable PathModifier path,
      @Field(
              value = "Unset: the one that is usual for the scheme, else the service's own.",
              min = "1",
              max = "65535")
          @Nullable Integer port,
      @Field(value = "301, 302, 303, 307 or 308.", defaultsTo = "302") int statusCode) {
    Redirect {
      if (!REDIRECTS.contains(statusCode)) {
        throw new IllegalArgumentException(
            "the statusCode of a redirect is 301, 302, 303, 307 or 308");
      }
    }

    RouteFilters.Redirect model() {
      return new RouteFilters.Redirect(
          Optional.ofNullable(scheme).map(Scheme::word),
          Optional.ofNullable(hostname),
          Optional.ofNullable(path).map(PathModifier::model),
          port == null ? OptionalInt.empty() : OptionalInt.of(port),
          statusCode);
    }
  }

  enum Scheme {
    @Word("http")
    HTTP,
    @Word("https")
    HTTPS;

    String word() {
      return this == HTTP ? "http" : "https";
    }
  }

  record Rewrite(
      @Field(value = "Unset: it stays.", min = "1", max = "253", pattern = HOSTNAME)
          @Nullable String hostname,
      @Field("Unset: it stays.") @Nullable PathModifier path) {
    RouteFilters.Rewrite model() {
      return new RouteFilters.Rewrite(
          Optional.ofNullable(hostname), Optional.ofNullable(path).map(PathModifier::model));
    }
  }

  record PathModifier(
      @Field("What is replaced.") PathModifierType type,
      @Field(value = "For ReplaceFullPath.", min = "1", max = "1024", pattern = PATH)
          @Nullable String replaceFullPath,
      @Field(value = "For ReplacePrefixMatch.", max = "1024", pattern = PATH)
          @Nullable String replacePrefixMatch) {
    PathModifier {
      if ((type == PathModifierType.REPLACE_FULL_PATH) != (replaceFullPath != null)
          || (type == PathModifierType.REPLACE_PREFIX_MATCH) != (replacePrefixMatch != null)) {
        throw new IllegalArgumentException("type names the one field that is set beside it");
      }
    }

    PathChange model() {
      return replaceFullPath != null
          ? new PathChange.FullPath(replaceFullPath)
          : new PathChange.PrefixMatch(String.valueOf(replacePrefixMatch));
    }
  }

  enum PathModifierType {
    REPLACE_FULL_PATH,
    REPLACE_PREFIX_MATCH
  }

  /** {@code rule} is the index of the rule, to say where something is. */
  static RouteFilters translate(
      Manifest manifest, int rule, List<Filter> filters, Findings findings) {
    RouteParts.refuseRepeated(
        manifest.place("spec", "rules", rule, "filters"),
        filters.stream().map(Filter::type).filter(type -> type != Type.REQUEST_MIRROR).toList(),
        findings);
    return new RouteFilters(
        RouteParts.change(filters, Filter::requestHeaderModifier),
        RouteParts.change(filters, Filter::responseHeaderModifier),
        RouteParts.first(filters, Filter::requestRedirect).map(Redirect::model),
        RouteParts.first(filters, Filter::urlRewrite).map(Rewrite::model),
        Mirrors.translate(manifest, rule, filters, Filter::requestMirror, findings),
        RouteParts.first(filters, Filter::cors).map(CorsFilter.Cors::model));
  }

  /** What Gateway API's validation lets nobody write together. */
  static void refuseContradictions(
      Manifest manifest,
      int rule,
      Route.Rule translated,
      List<RouteParts.BackendRef> backends,
      Findings findings) {
    RouteFilters filters = translated.filters();
    Place place = manifest.place("spec", "rules", rule, "filters");
    if (filters.redirect().isPresent() && filters.rewrite().isPresent()) {
      findings.error(
          place.at(), place.path(), "RequestRedirect and URLRewrite may not be used together");
    }
    if (filters.redirect().isPresent() && !backends.isEmpty()) {
      Place at = manifest.place("spec", "rules", rule, "backendRefs");
      findings.error(
          at.at(), at.path(), "a rule with RequestRedirect answers by itself and has no backends");
    }
    if (filters.redirect().isPresent() && !filters.mirrors().isEmpty()) {
      findings.error(
          place.at(), place.path(), "RequestMirror has no effect beside RequestRedirect");
    }
    boolean prefix =
        filters
            .redirect()
            .flatMap(RouteFilters.Redirect::path)
            .or(() -> filters.rewrite().flatMap(RouteFilters.Rewrite::path))
            .filter(PathChange.PrefixMatch.class::isInstance)
            .isPresent();
    if (prefix
        && !(translated.matches().size() == 1 && byPrefix(translated.matches().getFirst()))) {
      findings.error(
          place.at(),
          place.path(),
          "ReplacePrefixMatch needs exactly one match in the rule, with a path of type PathPrefix");
    }
  }

  /** A path that is not written is the prefix /, as Gateway API has it. */
  private static boolean byPrefix(HttpMatch match) {
    PathMatch path = match.path();
    return path == null || path.type() == PathType.PATH_PREFIX;
  }
}
