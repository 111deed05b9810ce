package org.acme;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.Map;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

@RegisterRestClient(configKey = "upstream")
public interface Upstream {
  @GET
  @Path("/hello/{name}")
  Map<String, String> hello(String name);
}
