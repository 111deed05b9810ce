package dev.weir.control.source.resource;

import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.HttpMatch.HeaderMatch;
import dev.weir.control.model.HttpMatch.Method;
import dev.weir.control.model.HttpMatch.PathMatch;
import dev.weir.control.model.HttpMatch.QueryMatch;
import dev.weir.control.model.HttpMatch.ValueType;
import dev.weir.control.model.schema.Field;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a request must look like in an {@code HTTPRoute}, with Gateway API's bounds. */
record RouteMatch(
    @Field("The path, without the query. Unset: any.") @Nullable PathMatch path,
    @Field("Each must match.") List<Header> headers,
    @Field("Each must match.") List<QueryMatch> queryParams,
    @Field("Unset: any.") @Nullable Method method) {
  HttpMatch model() {
    return new HttpMatch(path, models(headers), queryParams, method);
  }

  static List<HeaderMatch> models(List<Header> headers) {
    return headers.stream()
        .map(header -> new HeaderMatch(header.type, header.name, header.value))
        .toList();
  }

  /** A header and the value it must have, which may be longer than in a policy. */
  record Header(
      @Field(value = "How it is compared.", defaultsTo = "Exact") ValueType type,
      @Field(value = "Its name.", min = "1", max = "256", pattern = HttpMatch.HEADER_NAME)
          String name,
      @Field(value = "A value, or an RE2 expression over the whole value.", min = "1", max = "4096")
          String value) {}
}
