package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.convert.AnyOpener;
import dev.weir.protos.convert.Opened;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.http.statefulsession.StatefulSessionConfig;
import dev.weir.sidecar.filter.http.statefulsession.StatefulSessionConfig.InCookie;
import dev.weir.sidecar.filter.http.statefulsession.StatefulSessionConfig.InHeader;
import dev.weir.sidecar.filter.http.statefulsession.StatefulSessionConfig.Session;
import dev.weir.sidecar.filter.http.statefulsession.StatefulSessionConfig.State;
import dev.weir.sidecar.resource.value.HeaderMutations;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.TypedConfigs;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.filters.http.stateful_session.v3.StatefulSession;
import io.envoyproxy.envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState;
import io.envoyproxy.envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState;
import io.envoyproxy.envoy.type.http.v3.Cookie;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

final class StatefulSessionParser implements FilterParser {
  /** What a name of a cookie or a field is made of, RFC 9110 5.6.2. */
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private static final Pattern PATH = Pattern.compile("(/[\\x21-\\x3a\\x3c-\\x7e]*)?");

  @Override
  public String type() {
    return "envoy.extensions.filters.http.stateful_session.v3.StatefulSession";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.DOWNSTREAM);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    return config((StatefulSession) content, path);
  }

  static StatefulSessionConfig config(StatefulSession proto, FieldPath path) throws Invalid {
    return new StatefulSessionConfig(
        proto.hasSessionState()
            ? Optional.of(
                new Session(
                    state(proto.getSessionState(), path.field("session_state")), proto.getStrict()))
            : Optional.empty());
  }

  private static State state(TypedExtensionConfig proto, FieldPath path) throws Invalid {
    FieldPath at = path.field("typed_config");
    return switch (AnyOpener.open(proto.getTypedConfig())) {
      case Opened.Refused(String field, String reason) ->
          throw new Invalid(field.isEmpty() ? at : at.field(field), reason);
      case Opened.Content(CookieBasedSessionState cookie) ->
          cookie(cookie.getCookie(), at.field("cookie"));
      case Opened.Content(HeaderBasedSessionState header) ->
          new InHeader(HeaderMutations.name(header.getName(), at.field("name")));
      case Opened.Content(Message other) ->
          throw new Invalid(at, "there is no session state " + TypedConfigs.nameOf(other));
    };
  }

  private static InCookie cookie(Cookie proto, FieldPath path) throws Invalid {
    if (!PATH.matcher(proto.getPath()).matches()) {
      throw new Invalid(path.field("path"), "is no path of a cookie");
    }
    Duration ttl = Scalars.duration(proto.getTtl(), path.field("ttl"));
    if (ttl.isNegative()) {
      throw new Invalid(path.field("ttl"), "must not be negative");
    }
    return new InCookie(token(proto.getName(), path.field("name")), ttl, proto.getPath());
  }

  private static String token(String name, FieldPath path) throws Invalid {
    if (!TOKEN.matcher(name).matches()) {
      throw new Invalid(path, "is no name: letters, digits and !#$%&'*+.^_`|~-");
    }
    return name;
  }
}
