package dev.weir.sidecar.resource.value;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.rbac.ValueMatch;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import java.util.ArrayList;
import java.util.List;

/** {@code type.matcher.v3.ValueMatcher}. */
public final class ValueMatches {
  /** Of matchers in each other. */
  private static final int DEEPEST = 32;

  private ValueMatches() {}

  public static ValueMatch parse(ValueMatcher proto, FieldPath path) throws Invalid {
    return parse(proto, path, DEEPEST);
  }

  /**
   * @param left how deep it may still go
   */
  private static ValueMatch parse(ValueMatcher proto, FieldPath path, int left) throws Invalid {
    Nesting.check(left, DEEPEST, path);
    return switch (proto.getMatchPatternCase()) {
      case NULL_MATCH -> new ValueMatch.Null();
      case DOUBLE_MATCH -> {
        var number = proto.getDoubleMatch();
        yield number.hasExact()
            ? new ValueMatch.Range(number.getExact(), number.getExact())
            : new ValueMatch.Range(number.getRange().getStart(), number.getRange().getEnd());
      }
      case STRING_MATCH ->
          new ValueMatch.Text(
              StringMatches.parse(proto.getStringMatch(), path.field("string_match")));
      case BOOL_MATCH -> new ValueMatch.Flag(proto.getBoolMatch());
      case PRESENT_MATCH -> new ValueMatch.Present(proto.getPresentMatch());
      case LIST_MATCH ->
          new ValueMatch.OneOf(
              parse(
                  proto.getListMatch().getOneOf(),
                  path.field("list_match").field("one_of"),
                  left - 1));
      case OR_MATCH -> {
        List<ValueMatch> any = new ArrayList<>();
        for (int i = 0; i < proto.getOrMatch().getValueMatchersCount(); i++) {
          any.add(
              parse(
                  proto.getOrMatch().getValueMatchers(i),
                  path.field("or_match").field("value_matchers").index(i),
                  left - 1));
        }
        yield new ValueMatch.Or(any);
      }
      case MATCHPATTERN_NOT_SET -> throw new Invalid(path, "must set a pattern");
    };
  }
}
