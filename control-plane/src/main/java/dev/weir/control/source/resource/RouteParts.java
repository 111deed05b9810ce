package dev.weir.control.source.resource;

import dev.weir.control.model.FramingHeaders;
import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Route;
import dev.weir.control.model.Route.HeaderChange;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What {@code HTTPRoute} and {@code GRPCRoute} have in common. */
final class RouteParts {
  private RouteParts() {}

  record Parent(
      @Field(value = "Empty for a Service.", defaultsTo = "gateway.networking.k8s.io") String group,
      @Field(value = "Service.", defaultsTo = "Gateway") String kind,
      @Field(
              value = "The route's, if unset.",
              min = "1",
              max = "63",
              pattern = ObjectName.LABEL_PATTERN,
              otherwise = ObjectName.OTHERWISE)
          @Nullable String namespace,
      @Field(value = "The service.", min = "1") String name,
      @Field("A port's name.") @Nullable String sectionName,
      @Field(value = "A port's number.", min = "1", max = "65535") @Nullable Integer port) {
    boolean isService() {
      return kind.equals("Service") && group.isEmpty();
    }
  }

  record BackendRef(
      @Field(value = "Empty for a Service.", defaultsTo = "''") String group,
      @Field(value = "Service.", defaultsTo = "Service") String kind,
      @Field(
              value = "The route's, if unset.",
              min = "1",
              max = "63",
              pattern = ObjectName.LABEL_PATTERN,
              otherwise = ObjectName.OTHERWISE)
          @Nullable String namespace,
      @Field(value = "The service.", min = "1") String name,
      @Field(value = "Its port.", min = "1", max = "65535") int port,
      @Field(value = "Its share of the sum.", defaultsTo = "1", max = "1000000") int weight,
      @Field("Changes on the way to this backend.") List<Filter> filters)
      implements ServiceRef {}

  /** Of one backend. */
  @Planned({
    "cors: write it in the filters of the rule",
    "extensionRef",
    "externalAuth",
    "requestMirror: write it in the filters of the rule",
    "requestRedirect: write it in the filters of the rule",
    "urlRewrite: write it in the filters of the rule"
  })
  record Filter(
      @Field("What it does.") FilterType type,
      @Field("For RequestHeaderModifier.") @Nullable HeaderModifier requestHeaderModifier,
      @Field("For ResponseHeaderModifier.") @Nullable HeaderModifier responseHeaderModifier) {
    Filter {
      requireOwn(
          Map.of(
              FilterType.REQUEST_HEADER_MODIFIER,
              requestHeaderModifier != null,
              FilterType.RESPONSE_HEADER_MODIFIER,
              responseHeaderModifier != null),
          type);
    }
  }

  @Planned({
    "CORS: write it in the filters of the rule",
    "ExtensionRef",
    "ExternalAuth",
    "RequestMirror: write it in the filters of the rule",
    "RequestRedirect: write it in the filters of the rule",
    "URLRewrite: write it in the filters of the rule"
  })
  enum FilterType {
    REQUEST_HEADER_MODIFIER,
    RESPONSE_HEADER_MODIFIER
  }

  /** Of the fields that belong to a type each, {@code type}'s alone is set. */
  static <T> void requireOwn(Map<T, Boolean> set, T type) {
    set.forEach((owner, given) -> {
      if (given != owner.equals(type)) {
        throw new IllegalArgumentException("type names the one field that is set beside it");
      }
    });
  }

  record HeaderModifier(
      @Field(value = "Replaced.", key = "name") List<Header> set,
      @Field(value = "Added.", key = "name") List<Header> add,
      @Field(value = "Removed.", pattern = HttpMatch.HEADER_NAME) List<String> remove) {
    HeaderModifier {
      remove.forEach(RouteParts::refuseFixed);
    }

    HeaderChange change() {
      return new HeaderChange(map(set), map(add), remove);
    }

    private static Map<String, String> map(List<Header> headers) {
      Map<String, String> map = new LinkedHashMap<>();
      headers.forEach(header -> map.put(header.name, header.value));
      return map;
    }
  }

  record Header(
      @Field(value = "The name.", min = "1", max = "256", pattern = HttpMatch.HEADER_NAME)
          String name,
      @Field(value = "The value.", min = "1", max = "4096") String value) {
    Header {
      refuseFixed(name);
      if (value.chars().anyMatch(c -> c < ' ' && c != '\t' || c == 0x7f)) {
        throw new IllegalArgumentException(
            "the value has a line break or another control character; a text after | ends with one,"
                + " a text after |- or in quotes does not");
      }
    }
  }

  /** Clients refuse a whole route table in which one of them is changed so. */
  private static void refuseFixed(String name) {
    if (name.equalsIgnoreCase("host")) {
      throw new IllegalArgumentException("Host is no header that a filter can change");
    }
    if (FramingHeaders.has(name)) {
      throw new IllegalArgumentException(
          name + " is no header that a filter can change: it frames the message on its connection");
    }
  }

  /** A route may be a gateway's too: what it does there is that one's concern. */
  static List<Resource.ParentRef> parents(
      Manifest manifest, List<Parent> written, Findings findings) {
    List<Resource.ParentRef> parents = new ArrayList<>();
    String namespace = manifest.name().namespace();
    boolean ofMesh = written.stream().anyMatch(Parent::isService);
    for (int i = 0; i < written.size(); i++) {
      Parent parent = written.get(i);
      if (!parent.isService()) {
        if (!ofMesh || !parent.group.equals("gateway.networking.k8s.io")) {
          Place place = manifest.place("spec", "parentRefs", i);
          findings.error(
              place.at(),
              place.path(),
              "is a %s; a route of the mesh has {group: \"\", kind: Service}"
                  .formatted(parent.kind));
        }
        continue;
      }
      parents.add(
          new Resource.ParentRef(
              i,
              new ObjectName(Objects.requireNonNullElse(parent.namespace, namespace), parent.name),
              parent.port == null ? OptionalInt.empty() : OptionalInt.of(parent.port),
              Optional.ofNullable(parent.sectionName)));
    }
    return parents;
  }

  /** {@code rule} is the index of the rule, to say where something is. */
  static List<Route.Backend> backends(
      Manifest manifest, int rule, List<BackendRef> written, Findings findings) {
    List<Route.Backend> backends = new ArrayList<>();
    for (int i = 0; i < written.size(); i++) {
      BackendRef backend = written.get(i);
      Place place = manifest.place("spec", "rules", rule, "backendRefs", i);
      backends.add(
          new Route.Backend(
              backend.target(manifest, place, findings),
              backend.weight,
              change(backend.filters, Filter::requestHeaderModifier),
              change(backend.filters, Filter::responseHeaderModifier)));
      refuseRepeated(
          manifest.place("spec", "rules", rule, "backendRefs", i, "filters"),
          backend.filters.stream().map(Filter::type).toList(),
          findings);
    }
    return backends;
  }

  /** Gateway API lets a service's routes match by the service, not by host. */
  static void warnOfHostnames(Manifest manifest, List<String> hostnames, Findings findings) {
    if (!hostnames.isEmpty()) {
      Place place = manifest.place("spec", "hostnames");
      findings.warning(
          place.at(), place.path(), "has no effect on a route whose parent is a Service");
    }
  }

  /**
   * Of matches that name a header or a query parameter twice the first counts, as Gateway API says;
   * the case of a header does not matter.
   */
  static List<HttpMatch> firstOfEachName(
      Manifest manifest, int rule, List<HttpMatch> matches, Findings findings) {
    List<HttpMatch> all = new ArrayList<>();
    for (int i = 0; i < matches.size(); i++) {
      HttpMatch match = matches.get(i);
      Place place = manifest.place("spec", "rules", rule, "matches", i);
      all.add(
          new HttpMatch(
              match.path(),
              firsts(
                  match.headers(),
                  header -> header.name().toLowerCase(Locale.ROOT),
                  place,
                  findings),
              firsts(match.queryParams(), HttpMatch.QueryMatch::name, place, findings),
              match.method()));
    }
    return all;
  }

  private static <T> List<T> firsts(
      List<T> matches, Function<T, String> name, Place place, Findings findings) {
    Map<String, T> firsts = new LinkedHashMap<>();
    for (T match : matches) {
      if (firsts.putIfAbsent(name.apply(match), match) != null) {
        findings.warning(
            place.at(),
            place.path(),
            "\"%s\" is matched twice; the first counts alone".formatted(name.apply(match)));
      }
    }
    return List.copyOf(firsts.values());
  }

  /** Gateway API allows each type of filter once. */
  static void refuseRepeated(Place place, List<?> types, Findings findings) {
    if (types.stream().distinct().count() < types.size()) {
      findings.error(place.at(), place.path(), "a type of filter may be used once");
    }
  }

  /** The first there is. */
  static <F> HeaderChange change(List<F> filters, Function<F, @Nullable HeaderModifier> modifier) {
    return first(filters, modifier).map(HeaderModifier::change).orElse(HeaderChange.NONE);
  }

  static <F, T> Optional<T> first(List<F> filters, Function<F, @Nullable T> field) {
    for (F filter : filters) {
      T value = field.apply(filter);
      if (value != null) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }
}
