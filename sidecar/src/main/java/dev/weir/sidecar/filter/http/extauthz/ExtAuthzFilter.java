package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.filter.http.extauthz.Decision.Change;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Field;
import dev.weir.sidecar.http.BodyParts;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.rbac.MetadataCondition;
import dev.weir.sidecar.stats.StatSlab;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Holds a request until a server has said that it may go on. */
final class ExtAuthzFilter implements HttpFilter {
  /** The filter's name in dynamic metadata, as in Envoy. */
  private static final String METADATA = "envoy.filters.http.ext_authz";

  private static final String DURATION = "ext_authz_duration";
  private static final String FAILURE_MODE_ALLOWED = "x-envoy-auth-failure-mode-allowed";
  private static final String UNAVAILABLE = "authorization-unavailable";
  private static final int INVALID_STATUS = 500;
  private static final int MILLION = 1_000_000;
  private static final double NANOS_PER_MILLI = 1_000_000;

  private final FilterContext context;
  private final ExtAuthzFactory factory;
  private final ExtAuthzFactory.Settings settings;
  private @Nullable Headers request;
  private Authorizer.@Nullable Check check;
  private boolean asking;
  private @Nullable Verdict early;
  private long askedAt;
  private List<Change> response = List.of();

  ExtAuthzFilter(
      FilterContext context, ExtAuthzFactory factory, ExtAuthzFactory.Settings settings) {
    this.context = context;
    this.factory = factory;
    this.settings = settings;
  }

  private StatSlab slab() {
    return factory.stats().slab(context.loop().index());
  }

  @Override
  public Verdict requestHeaders(Headers headers, boolean endStream) {
    request = headers;
    if (!enabled()) {
      slab().inc(factory.stats().disabled);
      return factory.config().enabled().denyOthers()
          ? refusal("ext_authz_disabled", "disabled")
          : Verdict.CONTINUE;
    }
    ExtAuthzConfig.Body body = settings.body();
    // What asks for an upgrade has no body, and ends when its connection does.
    return body == null || endStream || headers.has(HeaderName.UPGRADE)
        ? ask(headers, null, true, endStream)
        : new Verdict.Gather(body.most(), body.partial());
  }

  @Override
  public Verdict requestGathered(BodyParts body, boolean whole) {
    Headers headers = request;
    return headers == null ? Verdict.CONTINUE : ask(headers, body, whole, false);
  }

  private boolean enabled() {
    int share = factory.config().enabled().perMillion();
    if (share < MILLION && context.loop().random().nextInt(MILLION) >= share) {
      return false;
    }
    MetadataCondition condition = factory.enabled();
    return condition == null || condition.holds(context.info().metadata);
  }

  private Verdict ask(Headers headers, @Nullable BodyParts body, boolean whole, boolean bodyless) {
    askedAt = context.loop().nanoTime();
    asking = true;
    Authorizer.Check begun =
        factory
            .authorizer()
            .ask(
                new Subject(
                    context, headers, body, settings.body(), whole, bodyless, settings.context()),
                this::decided);
    asking = false;
    Verdict verdict = early;
    if (verdict != null) {
      return verdict;
    }
    check = begun;
    return new Verdict.Pause();
  }

  private void decided(Decision decision) {
    check = null;
    Verdict verdict = verdict(decision);
    if (asking) {
      early = verdict;
    } else if (verdict instanceof Verdict.LocalReply refusal) {
      context.localReply(refusal);
    } else {
      context.resumeRequest();
    }
  }

  /** A mistake of ours is none to go on by either: the request would wait for ever. */
  private Verdict verdict(Decision decision) {
    try {
      return switch (decision) {
        case Decision.Allowed allowed -> allowed(allowed);
        case Decision.Denied denied -> denied(denied);
        case Decision.Failed failed -> failed(failed);
      };
    } catch (RuntimeException mistake) {
      context.loop().incidents().report("an authorization", mistake);
      return invalid("internal error");
    }
  }

  private Verdict allowed(Decision.Allowed allowed) {
    String problem = RequestChanges.problem(allowed);
    Headers headers = request;
    if (problem != null || headers == null) {
      return invalid(String.valueOf(problem));
    }
    slab().inc(factory.stats().ok);
    RequestChanges.apply(allowed, headers);
    response = allowed.response();
    note(allowed.metadata());
    return Verdict.CONTINUE;
  }

  private Verdict denied(Decision.Denied denied) {
    Headers headers = Headers.empty();
    for (Field field : denied.headers()) {
      String name = field.name();
      if (name.startsWith(":") || name.startsWith("x-weir-") || Framing.is(name)) {
        continue; // what it is answered with, and why, is ours to say
      }
      if (!RequestChanges.isField(name, field.value())) {
        return invalid("a header that is none: " + name);
      }
      headers.add(name, field.value());
    }
    slab().inc(factory.stats().denied);
    note(denied.metadata());
    return new Verdict.LocalReply(
        denied.status(),
        denied.body(),
        "ext_authz_denied",
        ResponseFlag.UNAUTHORIZED_EXTERNAL_SERVICE,
        new Cause("forbidden", policy(), "", 0),
        headers);
  }

  private Verdict failed(Decision.Failed failed) {
    slab().inc(factory.stats().error);
    if (failed.timeout()) {
      slab().inc(factory.stats().timeout);
    }
    ExtAuthzConfig.OnFailure onFailure = factory.config().onFailure();
    Headers headers = request;
    if (onFailure.allow() && headers != null) {
      slab().inc(factory.stats().failureModeAllowed);
      if (onFailure.noted()) {
        headers.set(FAILURE_MODE_ALLOWED, "true");
      }
      return Verdict.CONTINUE;
    }
    context.info().upstreamFailure = "authorization: " + failed.details();
    return refusal("ext_authz_error", failed.timeout() ? "timeout" : "");
  }

  /** An answer that cannot be followed is none to go on by, whatever holds for failures. */
  private Verdict invalid(String problem) {
    slab().inc(factory.stats().invalid);
    context.info().upstreamFailure = "authorization: " + problem;
    return refusal(INVALID_STATUS, "ext_authz_invalid", "invalid");
  }

  private Verdict refusal(String details, String reason) {
    return refusal(factory.config().onFailure().status(), details, reason);
  }

  private Verdict refusal(int status, String details, String reason) {
    return new Verdict.LocalReply(
        status,
        "",
        details,
        ResponseFlag.UNAUTHORIZED_EXTERNAL_SERVICE,
        new Cause(UNAVAILABLE, policy(), "", 0, reason),
        null);
  }

  /** The policy that asks, where one has said so in metadata; else empty. */
  private String policy() {
    MetadataCondition condition = factory.enabled();
    return condition != null && condition.value(context.info().metadata) instanceof String text
        ? text
        : "";
  }

  private void note(Map<String, Object> found) {
    double millis = (context.loop().nanoTime() - askedAt) / NANOS_PER_MILLI;
    context.info().metadata().put(METADATA, DURATION, millis);
    if (found.isEmpty()) {
      return;
    }
    if (factory.config().ingestMetadata()) {
      found.forEach((key, value) -> context.info().metadata().put(METADATA, key, value));
    } else {
      slab().inc(factory.stats().ignoredDynamicMetadata);
    }
  }

  @Override
  public Verdict responseHeaders(Headers headers, boolean endStream) {
    RequestChanges.applyToResponse(response, headers);
    return Verdict.CONTINUE;
  }

  @Override
  public void destroy() {
    Authorizer.Check underWay = check;
    if (underWay != null) {
      check = null;
      underWay.cancel();
    }
  }
}
