package dev.weir.protos.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Message;
import dev.weir.protos.convert.Converted;
import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker;
import dev.weir.protos.extensions.filters.http.rate_limit.v1alpha1.RateLimit;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlReader;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RuleValidatorTest {
  private final RuleValidator validator = new RuleValidator();

  @Test
  void whatKeepsTheRulesHasNoViolation() {
    assertEquals("", check("{name: app, connect_timeout: 1s}", Cluster.getDefaultInstance()));
  }

  @Test
  void anEmptyNameIsRefused() {
    assertEquals(
        "name: must not be empty", check("{connect_timeout: 1s}", Cluster.getDefaultInstance()));
  }

  @Test
  void aDurationHasBounds() {
    assertEquals(
        "connect_timeout: must be above 0",
        check("{name: app, connect_timeout: 0s}", Cluster.getDefaultInstance()));
  }

  @Test
  void aWrappedNumberHasBounds() {
    assertEquals(
        "outlier_detection.max_ejection_percent: must be at most 100",
        check(
            "{name: app, outlier_detection: {max_ejection_percent: 101}}",
            Cluster.getDefaultInstance()));
  }

  @Test
  void aRequiredMessageAndAOneofMustBeSet() {
    assertEquals(
        "virtual_hosts[0].routes[0].match: must be set",
        check(
            "virtual_hosts: [{name: v, domains: [\"*\"], routes: [{route: {cluster: x}}]}]",
            RouteConfiguration.getDefaultInstance()));
    assertEquals(
        "virtual_hosts[0].routes[0]: must set one of route, redirect, direct_response,"
            + " filter_action, non_forwarding_action",
        check(
            "virtual_hosts: [{name: v, domains: [\"*\"], routes: [{match: {prefix: /}}]}]",
            RouteConfiguration.getDefaultInstance()));
  }

  @Test
  void aFieldOfAOneofIsNotRequiredBesideAnother() {
    assertEquals(
        "",
        check(
            "virtual_hosts: [{name: v, domains: [\"*\"], routes: [{match: {prefix: /}, route:"
                + " {cluster: x}}]}]",
            RouteConfiguration.getDefaultInstance()));
  }

  @Test
  void aListHasAtLeastSoManyEntries() {
    assertEquals(
        "virtual_hosts[0].domains: must have at least 1 entries",
        check("virtual_hosts: [{name: v}]", RouteConfiguration.getDefaultInstance()));
  }

  @Test
  void aHeaderIsOneLine() {
    assertEquals(
        "header.key: must not have a line break or a NUL",
        check("header: {key: \"a\\nb\"}", HeaderValueOption.getDefaultInstance()));
  }

  @Test
  void weirsOwnMessagesHaveRulesToo() {
    assertEquals(
        ": must set one of consecutive_failures, failure_rate, slow_calls",
        check("{policy: shop/x, open_for: 1s}", CircuitBreaker.getDefaultInstance()));
    assertEquals(
        "open_for: must be set",
        check("{policy: shop/x, consecutive_failures: 1}", CircuitBreaker.getDefaultInstance()));
    assertEquals(
        "slow_calls.window.duration: must be at least 1.0s",
        check(
            "{policy: shop/x, open_for: 1s, slow_calls: {slower_than: 1s, share: 0.5, at_least: 1,"
                + " window: {duration: 0.5s}}}",
            CircuitBreaker.getDefaultInstance()));
    assertEquals(
        "failure_rate.window: must be set",
        check(
            "{policy: shop/x, open_for: 1s, failure_rate: {share: 0.5}}",
            CircuitBreaker.getDefaultInstance()));
    assertEquals(
        "limits[0].rate_per_second: must be above 0.0",
        check("limits: [{name: x, burst: 1}]", RateLimit.getDefaultInstance()));
  }

  private String check(String yaml, Message prototype) {
    YamlFile file = YamlReader.read("b.yaml", yaml);
    assertEquals(List.of(), file.problems());
    Converted<Message> converted = ProtoReader.read(file.documents().getFirst(), prototype);
    assertEquals(List.of(), converted.problems());
    return validator
        .validate(converted.message())
        .map(violation -> violation.path() + ": " + violation.reason())
        .orElse("");
  }
}
