package dev.weir.control.crd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The CRDs' rules, evaluated as an API server does, say what the reader says. */
class CelRulesTest {
  private static final CelCompiler COMPILER =
      CelCompilerFactory.standardCelCompilerBuilder()
          .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
          .addLibraries(CelExtensions.strings())
          .addVar("self", SimpleType.DYN)
          .build();
  private static final CelRuntime RUNTIME =
      CelRuntimeFactory.plannerRuntimeBuilder().addLibraries(CelExtensions.strings()).build();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {timeouts: {request: 2s, backendRequest: 500ms}} |
          {timeouts: {request: 0s, backendRequest: 500ms}} |
          {timeouts: {request: 1s, backendRequest: 2s}} | backendRequest is longer than request
          {timeouts: {request: 25h}} | 0s to 24h is allowed
          {retry: {backoff: {base: 2s, max: 1s}}} | base is longer than max
          {mode: Shadow, retry: {codes: []}} | mode: Shadow is not supported yet for timeouts, retry, hedging and outlierDetection; put them into another policy
          {mode: Shadow, circuitBreaker: {trip: {consecutiveFailures: 3}}} |
          {mode: Shadow, concurrency: {maxRequests: 3}} |
          {concurrency: {maxRequests: 3, queue: {length: 1, wait: 0s}}} | 1ms to 1m is allowed
          {hedging: {delay: 100ms}} |
          {hedging: {delay: 0s}} | 1ms to 1m is allowed
          {mode: Shadow, hedging: {delay: 1s}} | mode: Shadow is not supported yet for timeouts, retry, hedging and outlierDetection; put them into another policy
          {circuitBreaker: {trip: {}}} | exactly one of consecutiveFailures, failureRate, slowCalls is required
          {circuitBreaker: {trip: {consecutiveFailures: 3, failureRate: {share: "50%"}}}} | exactly one of consecutiveFailures, failureRate, slowCalls is required
          {circuitBreaker: {trip: {consecutiveFailures: 3}, interval: 60s}} |
          {circuitBreaker: {trip: {failureRate: {share: "50%"}}, interval: 60s}} | interval is for consecutiveFailures; a window forgets by itself
          {circuitBreaker: {trip: {failureRate: {share: "50%"}}}} |
          {circuitBreaker: {trip: {failureRate: {share: "0.99%"}}}} | 1% to 100% is allowed
          {circuitBreaker: {trip: {failureRate: {share: "50%", window: {requests: 10}, atLeast: 10}}}} |
          {circuitBreaker: {trip: {failureRate: {share: "50%", window: {requests: 10}, atLeast: 11}}}} | atLeast is above window.requests
          {circuitBreaker: {trip: {failureRate: {share: "50%", window: {duration: 10s}, atLeast: 1000}}}} |
          {circuitBreaker: {trip: {slowCalls: {slowerThan: 1s, share: "60%", window: {duration: 30s}}}}} |
          {circuitBreaker: {trip: {slowCalls: {slowerThan: 0s, share: "60%"}}}} | 1ms to 1h is allowed
          {circuitBreaker: {trip: {slowCalls: {slowerThan: 1s, share: "60%", atLeast: 101}}}} | atLeast is above window.requests
          {circuitBreaker: {trip: {slowCalls: {slowerThan: 1s, share: "60%", window: {duration: 500ms}}}}} | 1s to 1h is allowed
          {circuitBreaker: {trip: {slowCalls: {slowerThan: 1s, share: "60%", window: {requests: 10, duration: 30s}}}}} | exactly one of requests, duration is required
          {retry: {}, targetRefs: [{group: "", kind: Service, name: a, sectionName: http}]} |
          {retry: {}, targetRefs: [{group: apps, kind: Service, name: a}]} | group is "" for Service and Namespace, gateway.networking.k8s.io for routes, weir.dev for MeshConfig
          {retry: {}, targetRefs: [{group: weir.dev, kind: MeshConfig, name: default, sectionName: a}]} | sectionName is for Service and routes
          {} | has no effect: it sets none of timeouts, retry, circuitBreaker, concurrency, hedging, outlierDetection
          {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}], outlierDetection: {}} | leaves out instances of a Service, and a route is among the targetRefs; name the Service
          {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}], concurrency: {maxRequests: 1}} | is of what an instance of a Service works on, and a route is among the targetRefs; name the Service
          {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}], circuitBreaker: {scope: Endpoint, trip: {consecutiveFailures: 1}}} | Endpoint is for a Service, and a route is among the targetRefs
          {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}], circuitBreaker: {trip: {consecutiveFailures: 1}}} |
          {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}], retry: {budget: {share: "20.0%", over: 10000ms, atLeast: 03/s}}} |
          {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}], retry: {budget: {over: 11s}}} | is of all calls to a Service, and a route is among the targetRefs; set it in the retry of a policy for the Service
          {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}], retry: {budget: {atLeast: 3/m}}} | is of all calls to a Service, and a route is among the targetRefs; set it in the retry of a policy for the Service
          {timeouts: {}, targetRefs: [{group: "", kind: Service, name: a}, {group: "", kind: Service, name: a}]} | an item is in the list twice
          {timeouts: {}, targetRefs: [{group: "", kind: Service, name: a, namespace: b}]} | not supported yet: a policy must live in the namespace of what it is for
          {timeouts: {}, precedence: Override} | not supported yet: take it out for now
          """)
  void resilienceRuleHolds(String spec, String message) throws Exception {
    assertEquals(
        message == null ? List.of() : List.of(message), broken(PolicyKind.RESILIENCE, spec));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {limits: [{name: a, per: [{header: a}, {remoteAddress: true}]}]} |
          {limits: [{name: a, per: [{remoteAddress: false}]}]} | remoteAddress is true, or left out
          {limits: [{name: a, rate: 1/h}]} |
          {limits: [{name: a, rate: 0/s}]} | at least 1/h is allowed
          {limits: [{name: a, scope: Global}]} | "Global" is not supported yet: use Replica
          {limits: [{name: a, matches: [{path: {type: RegularExpression, value: "(a)b"}}]}]} |
          {limits: [{name: a, per: [{header: a, remoteAddress: true}]}]} | exactly one of header, remoteAddress is required
          {limits: [{name: a, matches: [{path: {type: Exact, value: a}}]}]} | a path begins with /
          {limits: [{name: a, maxKeys: 5, per: [{header: a}]}]} |
          {limits: [{name: a, maxKeys: 5}]} | maxKeys has no effect without per, which says what makes a key
          {limits: [{name: a, maxKeys: 5, per: []}]} | maxKeys has no effect without per, which says what makes a key
          {limits: [{name: a, matches: [{path: {value: /a/.b/..c/%2F%C3%A4}}]}]} |
          {limits: [{name: a, matches: [{path: {type: RegularExpression, value: //}}]}]} |
          {limits: [{name: a, matches: [{path: {value: /a//b}}]}]} | paths are compared in their normal form: no //, no \\, no element . or .., and letters, digits, -, ., _ and ~ as they are, without %
          {limits: [{name: a, matches: [{path: {value: /a/..}}]}]} | paths are compared in their normal form: no //, no \\, no element . or .., and letters, digits, -, ., _ and ~ as they are, without %
          {limits: [{name: a, matches: [{path: {value: /a/./b}}]}]} | paths are compared in their normal form: no //, no \\, no element . or .., and letters, digits, -, ., _ and ~ as they are, without %
          {limits: [{name: a, matches: [{path: {value: /%61}}]}]} | paths are compared in their normal form: no //, no \\, no element . or .., and letters, digits, -, ., _ and ~ as they are, without %
          {limits: [{name: a, matches: [{path: {value: /a%7e}}]}]} | paths are compared in their normal form: no //, no \\, no element . or .., and letters, digits, -, ., _ and ~ as they are, without %
          {limits: [{name: a, matches: [{path: {value: /a\\b}}]}]} | paths are compared in their normal form: no //, no \\, no element . or .., and letters, digits, -, ., _ and ~ as they are, without %
          """)
  void limitRuleHolds(String spec, String message) throws Exception {
    assertEquals(
        message == null ? List.of() : List.of(message), broken(PolicyKind.RATE_LIMIT, spec));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {tracing: {}} |
          {tracing: {otlp: {backendRef: {name: a, port: 1}}}} |
          {tracing: {}, targetRefs: [{group: "", kind: Service, name: a, sectionName: http}]} | telemetry is of a service's own sidecars, whichever the port; leave sectionName out
          {accessLog: {anyOf: [{sampled: false}]}} | sampled is true, or left out
          {accessLog: {}} |
          {accessLog: {anyOf: [{status: {min: 500, max: 400}}]}} | min is above max
          {} | has no effect: it sets none of tracing, accessLog, metrics, redactHeaders
          """)
  void telemetryRuleHolds(String spec, String message) throws Exception {
    assertEquals(
        message == null ? List.of() : List.of(message), broken(PolicyKind.TELEMETRY, spec));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {} |
          {scope: ["./*", "*/*", "shop/*", "shop/cart"]} |
          {scope: ["shop"]} | services are named namespace/name, namespace/*, ./* (the own namespace) or */* (all)
          {scope: ["*/cart"]} | services are named namespace/name, namespace/*, ./* (the own namespace) or */* (all)
          """)
  void meshConfigRuleHolds(String spec, String message) throws Exception {
    assertEquals(
        message == null ? List.of() : List.of(message), broken(PolicyKind.MESH_CONFIG, spec));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {action: Allow} |
          {action: Deny, precedence: Override} |
          {action: Deny, precedence: Override, targetRefs: [{group: "", kind: Service, name: a}]} | Override is for a Namespace or a MeshConfig, not a Service
          {action: Allow, rules: [{token: {roles: []}}]} | a token has providers, roles or claims
          {action: Allow, rules: [{matches: [{queryParams: []}]}]} | not supported yet: a query can be spelled in many ways; name the path
          {action: External, external: {backendRef: {name: a, port: 1}, protocol: Grpc}} |
          {action: External} | external says who is asked: it is given for action External, and for no other
          {action: Deny, external: {backendRef: {name: a, port: 1}, protocol: Grpc}} | external says who is asked: it is given for action External, and for no other
          {action: External, mode: Shadow, external: {backendRef: {name: a, port: 1}, protocol: Http}} | mode: Shadow is not for action External: a server would be asked, and not heeded; try a server out beside the app, or with onUnavailable: Allow
          {action: External, external: {backendRef: {name: a, port: 1}, protocol: Http, timeout: 0s}} | 1ms to 1m is allowed
          {action: External, external: {backendRef: {name: a, port: 1}, protocol: Http, headersToApp: [x-user]}} |
          {action: External, external: {backendRef: {name: a, port: 1}, protocol: Grpc, headersToApp: []}} |
          {action: External, external: {backendRef: {name: a, port: 1}, protocol: Grpc, headersToApp: [x-user]}} | headersToApp is for protocol Http: a server of gRPC says itself what the app gets
          {action: External, external: {backendRef: {name: a, port: 1}, protocol: Http, headersToApp: [x-user, Host]}} | headersToApp: host and framing are never changed
          """)
  void authorizationRuleHolds(String spec, String message) throws Exception {
    assertEquals(
        message == null ? List.of() : List.of(message), broken(PolicyKind.AUTHORIZATION, spec));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {jwt: {providers: [{name: a, issuer: a, clockSkew: 10s}]}} |
          {jwt: {providers: [{name: a, issuer: a, clockSkew: 1m2000ms}]}} |
          {jwt: {providers: [{name: a, issuer: a, clockSkew: 1500ms}]}} | a multiple of 1s is allowed
          {jwt: {providers: [{name: a, issuer: a}, {name: b, issuer: a}]}} | two providers have one issuer: a token would not say whose it is
          {jwt: {providers: [{name: a, issuer: a, claimsToHeaders: []}]}} |
          {jwt: {providers: [{name: a, issuer: a, claimsToHeaders: [{claim: a, header: X-User}, {claim: a, header: x-users}]}]}} |
          {jwt: {providers: [{name: a, issuer: a, claimsToHeaders: [{claim: a, header: X-User}, {claim: b, header: x-user}]}]}} | two claims are for one header, whose letters' case does not tell them apart
          {jwt: {providers: [{name: a, issuer: a, claimsToHeaders: [{claim: a, header: X-Forwarded-Proto}]}]}} | header says something else already, as host, x-forwarded-for and x-weir-* do; take another
          """)
  void authenticationRuleHolds(String spec, String message) throws Exception {
    assertEquals(
        message == null ? List.of() : List.of(message), broken(PolicyKind.AUTHENTICATION, spec));
  }

  private static List<String> broken(PolicyKind kind, String spec) throws Exception {
    Map<String, Object> value = new Yaml(new SafeConstructor(new LoaderOptions())).load(spec);
    if (kind.policy()) {
      value.putIfAbsent(
          "targetRefs", List.of(Map.of("group", "", "kind", "Namespace", "name", "a")));
    }
    Map<?, ?> properties = (Map<?, ?>) Crd.schema(kind).get("properties");
    List<String> broken = new ArrayList<>();
    evaluate((Map<?, ?>) properties.get("spec"), value, broken);
    return broken;
  }

  /** A default is filled in itself, so it must not be the schema's own. */
  private static Object copy(Object value) {
    return value instanceof Map<?, ?> map ? new LinkedHashMap<>(map) : value;
  }

  /** Defaults first, as the API server fills them in; then the rules of this part. */
  private static void evaluate(Map<?, ?> schema, Object value, List<String> broken)
      throws Exception {
    if (schema.get("properties") instanceof Map<?, ?> properties
        && value instanceof Map<?, ?> map) {
      @SuppressWarnings("unchecked") // SnakeYAML's maps are of anything
      Map<Object, Object> fields = (Map<Object, Object>) map;
      for (Map.Entry<?, ?> property : properties.entrySet()) {
        Map<?, ?> inner = (Map<?, ?>) property.getValue();
        if (inner.containsKey("default")) {
          fields.putIfAbsent(property.getKey(), copy(inner.get("default")));
        }
        Object present = fields.get(property.getKey());
        if (present != null) {
          evaluate(inner, present, broken);
        }
      }
    }
    if (schema.get("items") instanceof Map<?, ?> items && value instanceof List<?> list) {
      for (Object item : list) {
        evaluate(items, item, broken);
      }
    }
    if (schema.get("x-kubernetes-validations") instanceof List<?> rules) {
      for (Object rule : rules) {
        Map<?, ?> fields = (Map<?, ?>) rule;
        String expression = (String) fields.get("rule");
        Object holds =
            RUNTIME
                .createProgram(COMPILER.compile(expression).getAst())
                .eval(Map.of("self", value));
        if (!Boolean.TRUE.equals(holds)) {
          broken.add((String) fields.get("message"));
        }
      }
    }
  }
}
