package dev.weir.sidecar.resource.value;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Repetitions;
import dev.weir.sidecar.config.route.StringMatch;
import dev.weir.sidecar.config.route.StringMatch.Kind;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;

/** {@code type.matcher.v3.StringMatcher} and {@code RegexMatcher}. */
public final class StringMatches {
  private StringMatches() {}

  public static StringMatch parse(StringMatcher proto, FieldPath path) throws Invalid {
    boolean ignoreCase = proto.getIgnoreCase();
    return switch (proto.getMatchPatternCase()) {
      case EXACT -> new StringMatch(Kind.EXACT, proto.getExact(), ignoreCase);
      case PREFIX -> new StringMatch(Kind.PREFIX, proto.getPrefix(), ignoreCase);
      case SUFFIX -> new StringMatch(Kind.SUFFIX, proto.getSuffix(), ignoreCase);
      case CONTAINS -> new StringMatch(Kind.CONTAINS, proto.getContains(), ignoreCase);
      // ignore_case has no effect on a regex, as in Envoy.
      case SAFE_REGEX -> regex(proto.getSafeRegex(), path.field("safe_regex"));
      case CUSTOM -> throw new Invalid(path.field("custom"), "is not supported");
      case MATCHPATTERN_NOT_SET -> throw new Invalid(path, "must set a pattern");
    };
  }

  public static StringMatch regex(RegexMatcher proto, FieldPath path) throws Invalid {
    return new StringMatch(Kind.SAFE_REGEX, pattern(proto, path), false);
  }

  /** The pattern as written, when RE2 takes it. */
  public static String pattern(RegexMatcher proto, FieldPath path) throws Invalid {
    if (Repetitions.tooMany(proto.getRegex())) {
      throw new Invalid(
          path.field("regex"),
          "\""
              + proto.getRegex()
              + "\" repeats a part more than 1000 times, nested counts multiplied");
    }
    try {
      return Pattern.compile(proto.getRegex()).pattern();
    } catch (PatternSyntaxException e) {
      throw new Invalid(
          path.field("regex"),
          "\"" + proto.getRegex() + "\" is not a valid RE2 expression: " + e.getDescription());
    }
  }
}
