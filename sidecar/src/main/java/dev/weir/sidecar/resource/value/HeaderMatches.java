package dev.weir.sidecar.resource.value;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.route.HeaderMatch;
import dev.weir.sidecar.config.route.HeaderMatch.Test;
import dev.weir.sidecar.config.route.StringMatch;
import dev.weir.sidecar.config.route.StringMatch.Kind;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code config.route.v3.HeaderMatcher}, its deprecated forms included. */
public final class HeaderMatches {
  private HeaderMatches() {}

  public static List<HeaderMatch> parse(List<HeaderMatcher> protos, FieldPath path) throws Invalid {
    List<HeaderMatch> matches = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      matches.add(parse(protos.get(i), path.index(i)));
    }
    return matches;
  }

  private static HeaderMatch parse(HeaderMatcher proto, FieldPath path) throws Invalid {
    return new HeaderMatch(
        proto.getName().toLowerCase(Locale.ROOT),
        test(proto, path),
        proto.getInvertMatch(),
        proto.getTreatMissingHeaderAsEmpty());
  }

  @SuppressWarnings("deprecation") // The older forms are still sent, by Istio among others.
  private static Test test(HeaderMatcher proto, FieldPath path) throws Invalid {
    return switch (proto.getHeaderMatchSpecifierCase()) {
      case STRING_MATCH ->
          new Test.Value(StringMatches.parse(proto.getStringMatch(), path.field("string_match")));
      case EXACT_MATCH -> value(Kind.EXACT, proto.getExactMatch());
      case PREFIX_MATCH -> value(Kind.PREFIX, proto.getPrefixMatch());
      case SUFFIX_MATCH -> value(Kind.SUFFIX, proto.getSuffixMatch());
      case CONTAINS_MATCH -> value(Kind.CONTAINS, proto.getContainsMatch());
      case SAFE_REGEX_MATCH ->
          new Test.Value(
              StringMatches.regex(proto.getSafeRegexMatch(), path.field("safe_regex_match")));
      case RANGE_MATCH ->
          new Test.Range(proto.getRangeMatch().getStart(), proto.getRangeMatch().getEnd());
      case PRESENT_MATCH -> new Test.Present(proto.getPresentMatch());
      case HEADERMATCHSPECIFIER_NOT_SET -> new Test.Present(true);
    };
  }

  private static Test value(Kind kind, String value) {
    return new Test.Value(new StringMatch(kind, value, false));
  }
}
