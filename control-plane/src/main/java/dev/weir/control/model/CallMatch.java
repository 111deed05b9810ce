package dev.weir.control.model;

import dev.weir.control.model.HttpMatch.HeaderMatch;
import dev.weir.control.model.HttpMatch.Method;
import dev.weir.control.model.HttpMatch.PathMatch;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.model.schema.Rule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a call must look like; every part that is given must match. */
@Planned("queryParams[]: a query can be spelled in many ways; name the path")
@Rule(cel = "!(has(self.grpc) && has(self.path))", message = CallMatch.MESSAGE)
public record CallMatch(
    @Field("The path, without the query. Unset: any.") @Nullable PathMatch path,
    @Field("Each must match.") List<HeaderMatch> headers,
    @Field("Unset: any.") @Nullable Method method,
    @Field("A gRPC method. Unset: any request.") @Nullable GrpcMethod grpc,
    @Field(value = "Ports of the Service. Empty: any.", eachMin = "1", eachMax = "65535")
        List<Integer> ports) {
  static final String MESSAGE = "a gRPC method is a path: one of grpc and path is given";

  public CallMatch {
    headers = List.copyOf(headers);
    ports = List.copyOf(ports);
    if (path != null && grpc != null) {
      throw new IllegalArgumentException(MESSAGE);
    }
  }

  /** Whether it says more than a connection can show. */
  public boolean ofRequests() {
    return path != null || !headers.isEmpty() || method != null || grpc != null;
  }

  /** Whether one path is not as good as another. */
  public boolean comparesPath() {
    return grpc != null || http().comparesPath();
  }

  /** What of it is of HTTP, but for {@link #grpc}. */
  public HttpMatch http() {
    return new HttpMatch(path, headers, List.of(), method);
  }

  /** A method of gRPC, or all of a service. */
  public record GrpcMethod(
      @Field(
              value = "With its package.",
              min = "1",
              max = "1024",
              pattern = "^[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)*$")
          String service,
      @Field(
              value = "Unset: any of the service.",
              min = "1",
              max = "1024",
              pattern = "^[A-Za-z_][A-Za-z0-9_]*$")
          @Nullable String method) {}
}
