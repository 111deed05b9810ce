package org.acme;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.Map;
import org.eclipse.microprofile.rest.client.inject.RestClient;

@Path("/")
public class GreetingResource {
  @RestClient Upstream upstream;

  @GET
  @Path("/hello/{name}")
  public Map<String, String> hello(String name) {
    return Map.of("app", "quarkus", "hello", name);
  }

  @GET
  @Path("/call/{name}")
  public Map<String, String> call(String name) {
    return upstream.hello(name);
  }
}
