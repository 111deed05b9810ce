package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.rbac.Condition;
import dev.weir.sidecar.config.route.StringMatch;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code extensions.filters.http.ext_authz.v3.ExtAuthz}, or a route's {@code ExtAuthzPerRoute}. */
public sealed interface ExtAuthzConfig extends FilterConfig {
  @Override
  default Class<?> kind() {
    return ExtAuthzConfig.class;
  }

  /**
   * @param body how much of a request's body is asked about; empty: nothing of it
   * @param metadataNamespaces filters whose findings the server is told
   * @param ingestMetadata whether what the server finds out is kept for filters and the log
   * @param statPrefix empty for none
   */
  record Filter(
      Service service,
      Optional<Body> body,
      OnFailure onFailure,
      Enabled enabled,
      Told told,
      List<String> metadataNamespaces,
      boolean ingestMetadata,
      String statPrefix)
      implements ExtAuthzConfig {
    public Filter {
      metadataNamespaces = List.copyOf(metadataNamespaces);
    }

    @Override
    public Set<String> clusters() {
      return Set.of(service.cluster());
    }
  }

  /** Who is asked. */
  sealed interface Service {
    String cluster();

    /** Above zero. */
    Duration timeout();

    /**
     * {@code envoy.service.auth.v3.Authorization/Check}.
     *
     * @param metadata that each call has
     */
    record Grpc(String cluster, String authority, Duration timeout, List<Field> metadata)
        implements Service {
      public Grpc {
        metadata = List.copyOf(metadata);
      }
    }

    /**
     * A request like the one that it is about.
     *
     * @param pathPrefix before the path; empty for none
     * @param added headers that each check has
     * @param onSuccess fields of an answer that allows
     * @param toClient fields of an answer that denies, for the client; empty: all
     */
    record Http(
        String cluster,
        Duration timeout,
        String pathPrefix,
        List<Field> added,
        OnSuccess onSuccess,
        Optional<List<StringMatch>> toClient)
        implements Service {
      public Http {
        added = List.copyOf(added);
        toClient = toClient.map(List::copyOf);
      }
    }
  }

  /** A header. */
  record Field(String name, String value) {}

  /**
   * Which fields of an answer go where: to the app in place of the request's own, behind them, to
   * the client, into dynamic metadata.
   */
  record OnSuccess(
      List<StringMatch> upstream,
      List<StringMatch> upstreamAppended,
      List<StringMatch> client,
      List<StringMatch> metadata) {
    public OnSuccess {
      upstream = List.copyOf(upstream);
      upstreamAppended = List.copyOf(upstreamAppended);
      client = List.copyOf(client);
      metadata = List.copyOf(metadata);
    }
  }

  /**
   * @param most bytes; a body that is longer is refused, or with {@code partial} asked about by its
   *     beginning
   * @param bytes whether a server of gRPC gets it as bytes, not as text
   */
  record Body(long most, boolean partial, boolean bytes) {}

  /**
   * Where the server has no answer.
   *
   * @param allow the request goes on
   * @param noted in a header, if it does
   * @param status else it is refused with
   */
  record OnFailure(boolean allow, boolean noted, int status) {}

  /**
   * Which requests are asked about.
   *
   * @param perMillion so many of them
   * @param metadata what must hold; empty: nothing
   * @param denyOthers those that are not are refused
   */
  record Enabled(int perMillion, Optional<Condition.Metadata> metadata, boolean denyOthers) {}

  /**
   * What the server is told beside what each is.
   *
   * @param allowed fields of the request; empty: all for gRPC, none for HTTP
   * @param disallowed fields that are left out whatever {@code allowed} says
   * @param rawHeaders each field as it is, instead of those of one name together
   */
  record Told(
      Optional<List<StringMatch>> allowed,
      List<StringMatch> disallowed,
      boolean rawHeaders,
      boolean peerCertificate,
      boolean serverName) {
    public Told {
      allowed = allowed.map(List::copyOf);
      disallowed = List.copyOf(disallowed);
    }
  }

  /**
   * @param settings empty: the filter is off
   */
  record Route(Optional<CheckSettings> settings) implements ExtAuthzConfig {
    /** Contexts of both, as Envoy merges them; the rest is what is said here. */
    @Override
    public FilterConfig over(FilterConfig wider) {
      if (settings.isEmpty()
          || !(wider instanceof Route(Optional<CheckSettings> outer))
          || outer.isEmpty()) {
        return this;
      }
      Map<String, String> all = new HashMap<>(outer.get().context());
      all.putAll(settings.get().context());
      return new Route(
          Optional.of(new CheckSettings(all, settings.get().body(), settings.get().withoutBody())));
    }
  }

  /**
   * @param context that a server of gRPC is told
   * @param body instead of the filter's; empty: the filter's
   */
  record CheckSettings(Map<String, String> context, Optional<Body> body, boolean withoutBody) {
    public CheckSettings {
      context = Map.copyOf(context);
    }
  }
}
