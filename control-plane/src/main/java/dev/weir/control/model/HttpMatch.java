package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Rule;
import dev.weir.control.model.schema.Word;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a request must look like; every part that is given must match. */
public record HttpMatch(
    @Field("The path, without the query. Unset: any.") @Nullable PathMatch path,
    @Field("Each must match.") List<HeaderMatch> headers,
    @Field("Each must match.") List<QueryMatch> queryParams,
    @Field("Unset: any.") @Nullable Method method) {
  /** Any request. */
  public static final HttpMatch ANY = new HttpMatch(null, List.of(), List.of(), null);

  /** What a header's name is made of. */
  public static final String HEADER_NAME = "^[A-Za-z0-9!#$%&'*+\\-.^_|~]+$";

  /** Whose value is an expression; one that is none is an error of the rule itself. */
  static final String EXPRESSION =
      "self.type != 'RegularExpression' || ''.matches(self.value) in [true, false]";

  static final String EXPRESSION_MESSAGE = "not an RE2 expression";

  public HttpMatch {
    headers = List.copyOf(headers);
    queryParams = List.copyOf(queryParams);
  }

  /** Whether one path is not as good as another. */
  public boolean comparesPath() {
    return path != null && !path.equals(new PathMatch(PathType.PATH_PREFIX, "/"));
  }

  /** How a path is compared. */
  @Rule(cel = HttpMatch.EXPRESSION, message = HttpMatch.EXPRESSION_MESSAGE, field = "value")
  @Rule(
      cel = "self.type == 'RegularExpression' || self.value.startsWith('/')",
      message = PathMatch.MESSAGE)
  @Rule(
      cel =
          "self.type == 'RegularExpression' || !(self.value.contains('?') ||"
              + " self.value.contains('#'))",
      message = PathMatch.QUERY_MESSAGE)
  @Rule(
      cel =
          "self.type == 'RegularExpression' || !self.value.matches(r'"
              + PathMatch.OTHER_FORM
              + "')",
      message = PathMatch.FORM_MESSAGE)
  public record PathMatch(
      @Field(
              value =
                  "`PathPrefix` compares whole elements: `/api` matches `/api` and `/api/v1`, not"
                      + " `/apis`.",
              defaultsTo = "PathPrefix")
          PathType type,
      @Field(
              value = "A path in its normal form, or an RE2 expression over the whole of it.",
              defaultsTo = "/",
              min = "1",
              max = "1024")
          String value) {
    /** How an expression begins that stands for a gRPC method of any service. */
    public static final String ANY_SERVICE = "/[^/]+/";

    static final String MESSAGE = "a path begins with /";
    static final String QUERY_MESSAGE = "a path has no ? and no #; queryParams match the query";
    static final String FORM_MESSAGE =
        "paths are compared in their normal form: no //, no \\, no element . or .., and letters,"
            + " digits, -, ., _ and ~ as they are, without %";

    /** What a normal path has nowhere: the last of it is what RFC 3986 calls unreserved. */
    static final String OTHER_FORM =
        "//|\\\\|/[.][.]?(/|$)|%(2[DEde]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee])";

    private static final Pattern NOT_NORMAL = Pattern.compile(OTHER_FORM);

    public PathMatch {
      if (type != PathType.REGULAR_EXPRESSION && !value.startsWith("/")) {
        throw new IllegalArgumentException(MESSAGE);
      }
      if (type != PathType.REGULAR_EXPRESSION && (value.contains("?") || value.contains("#"))) {
        throw new IllegalArgumentException(QUERY_MESSAGE);
      }
      if (type != PathType.REGULAR_EXPRESSION && NOT_NORMAL.matcher(value).find()) {
        throw new IllegalArgumentException(FORM_MESSAGE);
      }
    }
  }

  /** The ways to compare a path. */
  public enum PathType {
    EXACT,
    PATH_PREFIX,
    REGULAR_EXPRESSION
  }

  /** A header and the value it must have. */
  @Rule(cel = HttpMatch.EXPRESSION, message = HttpMatch.EXPRESSION_MESSAGE, field = "value")
  public record HeaderMatch(
      @Field(value = "How it is compared.", defaultsTo = "Exact") ValueType type,
      @Field(
              value = "The header's name; case does not matter.",
              min = "1",
              max = "256",
              pattern = HEADER_NAME)
          String name,
      @Field(value = "A value, or an RE2 expression over the whole value.", min = "1", max = "512")
          String value) {}

  /** A query parameter and the value it must have. */
  @Rule(cel = HttpMatch.EXPRESSION, message = HttpMatch.EXPRESSION_MESSAGE, field = "value")
  public record QueryMatch(
      @Field(value = "How it is compared.", defaultsTo = "Exact") ValueType type,
      @Field(value = "The parameter's name.", min = "1", max = "256") String name,
      @Field(value = "A value, or an RE2 expression over the whole value.", min = "1", max = "1024")
          String value) {}

  /** The ways to compare a value. */
  public enum ValueType {
    EXACT,
    REGULAR_EXPRESSION
  }

  /** HTTP's methods, written as on the wire. */
  public enum Method {
    @Word("GET")
    GET,
    @Word("HEAD")
    HEAD,
    @Word("POST")
    POST,
    @Word("PUT")
    PUT,
    @Word("DELETE")
    DELETE,
    @Word("CONNECT")
    CONNECT,
    @Word("OPTIONS")
    OPTIONS,
    @Word("TRACE")
    TRACE,
    @Word("PATCH")
    PATCH
  }
}
