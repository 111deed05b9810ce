package dev.weir.control.source.resource;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.HttpMatch.HeaderMatch;
import dev.weir.control.model.HttpMatch.PathMatch;
import dev.weir.control.model.HttpMatch.PathType;
import dev.weir.control.model.HttpMatch.QueryMatch;
import dev.weir.control.model.HttpMatch.ValueType;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.protos.Repetitions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sees to it that regular expressions are RE2's, as proxies read them. */
final class Expressions {
  private final Manifest manifest;
  private final Findings findings;

  Expressions(Manifest manifest, Findings findings) {
    this.manifest = manifest;
    this.findings = findings;
  }

  /** {@code steps} lead to the list of {@code matches}. */
  void check(List<HttpMatch> matches, Object... steps) {
    for (int i = 0; i < matches.size(); i++) {
      HttpMatch match = matches.get(i);
      PathMatch path = match.path();
      if (path != null && path.type() == PathType.REGULAR_EXPRESSION) {
        check(path.value(), steps, i, "path", "value");
      }
      headers(match.headers(), steps, i);
      for (int j = 0; j < match.queryParams().size(); j++) {
        QueryMatch query = match.queryParams().get(j);
        if (query.type() == ValueType.REGULAR_EXPRESSION) {
          check(query.value(), steps, i, "queryParams", j, "value");
        }
      }
    }
  }

  private void headers(List<HeaderMatch> headers, Object[] steps, int match) {
    for (int j = 0; j < headers.size(); j++) {
      HeaderMatch header = headers.get(j);
      if (header.type() == ValueType.REGULAR_EXPRESSION) {
        check(header.value(), steps, match, "headers", j, "value");
      }
    }
  }

  private void check(String expression, Object[] steps, Object... further) {
    String wrong = wrong(expression);
    if (!wrong.isEmpty()) {
      List<Object> all = new ArrayList<>(Arrays.asList(steps));
      all.addAll(Arrays.asList(further));
      Place place = manifest.place(all.toArray());
      findings.error(place.at(), place.path(), "not an RE2 expression: " + wrong);
    }
  }

  private static String wrong(String expression) {
    if (Repetitions.tooMany(expression)) {
      return "it repeats a part more than 1000 times, nested counts multiplied";
    }
    try {
      Pattern.compile(expression);
      return "";
    } catch (PatternSyntaxException e) {
      return e.getDescription() + " in " + e.getPattern();
    }
  }
}
