package dev.weir.sidecar.member.names;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The services that a control plane knows, as its admin page says. What it said last is kept in a
 * file, for a member that starts while it is away.
 */
public final class Services {
  private static final int TIMEOUT_MILLIS = 5000;
  private static final int MAX_BYTES = 64 << 20;
  private static final int MOST_SAID = 500;

  private final URI page;
  private final Path kept;
  private String last = "";

  public Services(URI page, Path kept) {
    this.page = page;
    this.kept = kept;
  }

  /**
   * @throws IOException if the control plane does not answer, or with what is no list of services,
   *     and nothing is kept
   */
  public List<Service> read() throws IOException {
    String json;
    List<Service> services;
    try {
      json = fetch();
      services = parse(json);
    } catch (IOException e) {
      if (!Files.exists(kept)) {
        throw e;
      }
      return parse(Files.readString(kept));
    }
    if (!json.equals(last)) {
      keep(json);
      last = json;
    }
    return services;
  }

  private void keep(String json) throws IOException {
    Path whole = kept.resolveSibling(kept.getFileName() + "." + ProcessHandle.current().pid());
    Files.writeString(whole, json);
    Files.move(whole, kept, StandardCopyOption.ATOMIC_MOVE);
  }

  private String fetch() throws IOException {
    try {
      return answer();
    } catch (IOException e) {
      throw new IOException("no control plane answers at " + page + ": " + e.getMessage(), e);
    }
  }

  private String answer() throws IOException {
    HttpURLConnection connection = (HttpURLConnection) page.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
      throw new IOException("status " + connection.getResponseCode() + why(connection));
    }
    try (InputStream in = connection.getInputStream()) {
      byte[] body = in.readNBytes(MAX_BYTES);
      if (body.length == MAX_BYTES) {
        throw new IOException("its answer has more than " + MAX_BYTES + " bytes");
      }
      return new String(body, StandardCharsets.UTF_8);
    } finally {
      connection.disconnect();
    }
  }

  /** What the page says of it, in a line. */
  private static String why(HttpURLConnection connection) throws IOException {
    try (InputStream in = connection.getErrorStream()) {
      String text =
          in == null ? "" : new String(in.readNBytes(MOST_SAID), StandardCharsets.UTF_8).strip();
      return text.isEmpty() ? "" : ": " + text.replaceAll("\\s+", " ");
    }
  }

  private static List<Service.Port> ports(@Nullable Object ports) {
    List<Service.Port> all = new ArrayList<>();
    if (ports instanceof List<?> list) {
      for (Object item : list) {
        if (item instanceof Map<?, ?> port
            && port.get("port") instanceof Integer number
            && port.get("targetPort") instanceof Integer target) {
          all.add(new Service.Port(number, target));
        }
      }
    }
    return all;
  }

  /** JSON is YAML. */
  private List<Service> parse(String json) throws IOException {
    try {
      Object parsed =
          new Load(LoadSettings.builder().setCodePointLimit(MAX_BYTES).build())
              .loadFromString(json);
      List<Service> services = new ArrayList<>();
      if (parsed instanceof List<?> list) {
        for (Object item : list) {
          if (item instanceof Map<?, ?> service
              && service.get("namespace") instanceof String namespace
              && service.get("name") instanceof String name
              && service.get("address") instanceof String address) {
            services.add(
                new Service(
                    namespace,
                    name,
                    address,
                    ports(service.get("ports")),
                    Optional.ofNullable(service.get("externalName")).map(String::valueOf)));
          } else {
            throw new IOException(page + ": not a service: " + item);
          }
        }
        return services;
      }
    } catch (YamlEngineException e) {
      throw new IOException(page + ": not JSON: " + e.getMessage(), e);
    }
    throw new IOException(page + " is no list of services");
  }
}
