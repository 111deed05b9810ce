package dev.weir.sidecar.route;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.weir.sidecar.config.route.RouteAction.RegexRewrite;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import java.util.ArrayList;
import java.util.List;

/**
 * A compiled {@link RegexRewrite}: all matches in a path are replaced, the query stays. As Envoy's
 * {@code regex_rewrite}.
 */
public final class PathSubstitution {
  /** A piece of the substitution: a text, or a group of the match where {@code group >= 0}. */
  private record Piece(String text, int group) {}

  private final Pattern pattern;
  private final List<Piece> pieces = new ArrayList<>();

  /**
   * @throws IllegalArgumentException for a substitution that the pattern has no groups for
   */
  public PathSubstitution(RegexRewrite rewrite) {
    this.pattern = Pattern.compile(rewrite.pattern());
    String substitution = rewrite.substitution();
    StringBuilder text = new StringBuilder();
    int at = 0;
    while (at < substitution.length()) {
      char c = substitution.charAt(at++);
      if (c != '\\') {
        text.append(c);
        continue;
      }
      char escaped = at < substitution.length() ? substitution.charAt(at++) : ' ';
      if (escaped == '\\') {
        text.append(escaped);
      } else if (escaped >= '0' && escaped <= '9') {
        int group = escaped - '0';
        if (group > pattern.groupCount()) {
          throw new IllegalArgumentException(
              "\"%s\" names group %d, but the pattern has %d"
                  .formatted(substitution, group, pattern.groupCount()));
        }
        pieces.add(new Piece(text.toString(), -1));
        pieces.add(new Piece("", group));
        text.setLength(0);
      } else {
        throw new IllegalArgumentException(
            "\"%s\" has a backslash before neither a digit nor another".formatted(substitution));
      }
    }
    pieces.add(new Piece(text.toString(), -1));
  }

  /** {@code path} may have a query. */
  String apply(String path) {
    int query = path.indexOf('?');
    String bare = query < 0 ? path : path.substring(0, query);
    Matcher matcher = pattern.matcher(bare);
    StringBuilder rewritten = new StringBuilder(path.length());
    int copied = 0;
    while (matcher.find()) {
      rewritten.append(bare, copied, matcher.start());
      copied = matcher.end();
      for (Piece piece : pieces) {
        if (piece.group() < 0) {
          rewritten.append(piece.text());
        } else {
          String group = matcher.group(piece.group());
          rewritten.append(group == null ? "" : group);
        }
      }
    }
    rewritten.append(bare, copied, bare.length());
    return rewritten.append(query < 0 ? "" : path.substring(query)).toString();
  }

  /** False, and nothing is changed, where no path would come of it. */
  boolean rewrite(Headers request) {
    String path = request.path();
    String rewritten = apply(path);
    if (!rewritten.startsWith("/") && !rewritten.equals(path)) { // OPTIONS * stays
      return false;
    }
    request.path(rewritten);
    request.set(HeaderName.X_ENVOY_ORIGINAL_PATH, path);
    return true;
  }
}
