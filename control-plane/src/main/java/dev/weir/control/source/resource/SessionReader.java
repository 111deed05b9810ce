package dev.weir.control.source.resource;

import com.google.common.hash.Hashing;
import dev.weir.control.model.FramingHeaders;
import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.Route;
import dev.weir.control.model.SessionPersistence;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code sessionPersistence} of a route's rule. */
final class SessionReader {
  private static final String FIELD = "sessionPersistence";
  private static final int NAME_LENGTH = 8;

  private SessionReader() {}

  @Planned("idleTimeout: nobody keeps when a session was last used")
  record Session(
      @Field(
              value = "Of the cookie or header; unset: a name of the rule's own.",
              min = "1",
              max = "128",
              pattern = HttpMatch.HEADER_NAME)
          @Nullable String sessionName,
      @Field(value = "How long a permanent cookie holds.", min = "1s")
          @Nullable Duration absoluteTimeout,
      @Field(value = "Where the client keeps it.", defaultsTo = "Cookie")
          SessionPersistence.Type type,
      @Field("For Cookie.") @Nullable Cookie cookieConfig) {}

  record Cookie(
      @Field(value = "Permanent: it holds for absoluteTimeout.", defaultsTo = "Session")
          Lifetime lifetimeType) {}

  enum Lifetime {
    SESSION,
    PERMANENT
  }

  /**
   * @param rule its index
   * @param backends of the rule
   */
  static Optional<SessionPersistence> translate(
      Manifest manifest,
      int rule,
      @Nullable Session session,
      List<Route.Backend> backends,
      Findings findings) {
    if (session == null) {
      return Optional.empty();
    }
    boolean permanent =
        session.cookieConfig != null && session.cookieConfig.lifetimeType == Lifetime.PERMANENT;
    if (session.type == SessionPersistence.Type.HEADER) {
      header(manifest, rule, session, findings);
    } else if (permanent && session.absoluteTimeout == null) {
      error(
          manifest,
          findings,
          "Permanent needs an absoluteTimeout: how long the cookie holds",
          rule,
          "cookieConfig",
          "lifetimeType");
    } else if (!permanent && session.absoluteTimeout != null) {
      error(
          manifest,
          findings,
          "a cookie of the client's session has no end that a sidecar knows; write"
              + " cookieConfig: {lifetimeType: Permanent}",
          rule,
          "absoluteTimeout");
    }
    if (backends.stream().filter(backend -> backend.weight() > 0).count() > 1) {
      error(
          manifest,
          findings,
          "is for a rule of one backend: of several, a share is chosen before the instance, and"
              + " each call might lose its session",
          rule);
    }
    String name = session.sessionName == null ? own(manifest, rule) : session.sessionName;
    return Optional.of(
        new SessionPersistence(session.type, name, Optional.ofNullable(session.absoluteTimeout)));
  }

  private static void header(Manifest manifest, int rule, Session session, Findings findings) {
    if (session.sessionName == null) {
      error(
          manifest,
          findings,
          "missing; with type Header a client has to know the header",
          rule,
          "sessionName");
    }
    if (session.sessionName != null
        && (FramingHeaders.has(session.sessionName)
            || session.sessionName.equalsIgnoreCase("host"))) {
      error(
          manifest,
          findings,
          session.sessionName + " is no header that a session can be in",
          rule,
          "sessionName");
    }
    if (session.cookieConfig != null) {
      error(manifest, findings, "is for type Cookie", rule, "cookieConfig");
    }
    if (session.absoluteTimeout != null) {
      error(
          manifest,
          findings,
          "a header has no end; type Cookie with lifetimeType Permanent has one",
          rule,
          "absoluteTimeout");
    }
  }

  private static String own(Manifest manifest, int rule) {
    return "weir-session-"
        + Hashing.sha256()
            .hashString(manifest.resource() + " " + rule, StandardCharsets.UTF_8)
            .toString()
            .substring(0, NAME_LENGTH);
  }

  private static void error(
      Manifest manifest, Findings findings, String message, int rule, Object... fields) {
    Object[] steps = new Object[4 + fields.length];
    steps[0] = "spec";
    steps[1] = "rules";
    steps[2] = rule;
    steps[3] = FIELD;
    System.arraycopy(fields, 0, steps, 4, fields.length);
    Place place = manifest.place(steps);
    findings.error(place.at(), place.path(), message);
  }
}
