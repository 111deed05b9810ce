package dev.weir.sidecar.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.config.route.HeaderMutation;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import dev.weir.sidecar.filter.StreamTimer;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.route.RouteTable;
import dev.weir.sidecar.testkit.Resources;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the filter interface promises, seen from both ends of a chain, without sockets. */
class FilterChainTest {
  private static final Verdict PAUSE = new Verdict.Pause();
  private static final Verdict.LocalReply NO =
      Verdict.LocalReply.of(403, "no", "refused_by_test", null);

  private final ChainHarness harness = new ChainHarness();

  @AfterEach
  void close() {
    harness.close();
  }

  /** A filter by what it makes of heads and data; null: it lets them pass. */
  private static HttpFilterFactory filter(Function<FilterContext, HttpFilter> make) {
    return (context, routeConfig) -> make.apply(context);
  }

  private void noIncident() {
    assertEquals(List.of(), harness.incidents);
  }

  @Test
  void partsPassForwardsToTheRouterAndBackwardsToTheClient() {
    harness.filter(filter(context -> new HttpFilter() {}));
    harness.post().body("ab", false).body("", true);
    assertEquals(List.of("> POST", "> ab", ">  end"), harness.seen());
    harness.informational(103).respond(200, false).respondBody("x", false).respondTrailers();
    assertEquals(List.of("< 103", "< 200", "< x", "> destroy", "< trailers"), harness.seen());
    noIncident();
  }

  @Test
  void filtersSeeInformationalResponses() {
    StringBuilder order = new StringBuilder();
    for (String name : List.of("a", "b")) {
      harness.filter(
          filter(context ->
              new HttpFilter() {
                @Override
                public void informational(Headers headers) {
                  order.append(name).append(headers.status());
                }
              }));
    }
    harness.get().informational(103);
    assertEquals("b103a103", order.toString());
  }

  @Test
  void aRefusedRequestReachesTheRouterInNoPart() {
    harness.filter(
        filter(context ->
            new HttpFilter() {
              @Override
              public Verdict requestHeaders(Headers headers, boolean endStream) {
                return NO;
              }

              @Override
              public Verdict responseHeaders(Headers headers, boolean endStream) {
                return PAUSE; // the refusal is held, while the client goes on
              }
            }));
    harness.post().body("ab", false).body("cd", true).requestTrailers();
    assertEquals(List.of("> destroy"), harness.seen());
    harness.stream().resumeResponse();
    assertEquals(List.of("< 403", "< no end"), harness.seen());
    noIncident();
  }

  @Test
  void aHeldRefusalIsNotFollowedByTheUpstreamsResponse() {
    Holder holder = new Holder();
    harness.filter(filter(holder::with));
    harness.get();
    assertEquals(List.of("> GET end"), harness.seen());
    holder.context().localReply(NO);
    assertEquals(List.of("> destroy"), harness.seen());
    harness.respond(200, false).respondBody("late", true);
    assertEquals(List.of(), harness.seen());
    harness.stream().resumeResponse();
    assertEquals(List.of("< 403", "< no end"), harness.seen());
    noIncident();
  }

  /** Pauses every response. */
  private static final class Holder {
    private @Nullable FilterContext held;

    HttpFilter with(FilterContext context) {
      held = context;
      return new HttpFilter() {
        @Override
        public Verdict responseHeaders(Headers headers, boolean endStream) {
          return PAUSE;
        }
      };
    }

    FilterContext context() {
      return Objects.requireNonNull(held);
    }
  }

  @Test
  void aLocalReplyInPlaceOfAResponseIsNotShownToTheFilters() {
    StringBuilder shown = new StringBuilder();
    harness.filter(
        filter(context ->
            new HttpFilter() {
              @Override
              public Verdict responseHeaders(Headers headers, boolean endStream) {
                shown.append(headers.status());
                return NO;
              }
            }));
    harness.get().respond(200, true);
    assertEquals(List.of("> GET end", "> destroy", "< 403", "< no end"), harness.seen());
    assertEquals("200", shown.toString());
    noIncident();
  }

  @Test
  void aLocalReplyOnceTheResponseHasBegunResetsIt() {
    harness.filter(
        filter(context ->
            new HttpFilter() {
              @Override
              public Verdict responseData(ByteBuf data, boolean endStream) {
                return NO;
              }
            }));
    harness.get().respond(200, false).respondBody("x", true);
    assertEquals(List.of("> GET end", "< 200", "> destroy", "< reset"), harness.seen());
    noIncident();
  }

  @Test
  void aRequestThatIsRefusedAfterItsResponseHasBegunIsReset() {
    harness.filter(
        filter(context ->
            new HttpFilter() {
              @Override
              public Verdict requestData(ByteBuf data, boolean endStream) {
                return NO;
              }
            }));
    harness.post().respond(200, false);
    harness.seen();
    harness.body("x", false).body("y", true);
    assertEquals(List.of("> destroy", "< reset"), harness.seen());
    noIncident();
  }

  @Test
  void aPauseThatWasEndedBeforeItWasGivenIsNone() {
    harness.filter(
        filter(context ->
            new HttpFilter() {
              @Override
              public Verdict requestHeaders(Headers headers, boolean endStream) {
                context.resumeRequest(); // as a call that is answered at once does
                return PAUSE;
              }

              @Override
              public Verdict responseData(ByteBuf data, boolean endStream) {
                context.resumeResponse();
                return PAUSE;
              }
            }));
    harness.get().respond(200, false).respondBody("x", true);
    assertEquals(List.of("> GET end", "< 200", "> destroy", "< x end"), harness.seen());
    noIncident();
  }

  @Test
  void aPausedRequestGoesOnInOrderWhenItIsResumed() {
    harness.filter(
        filter(context ->
            new HttpFilter() {
              @Override
              public Verdict requestHeaders(Headers headers, boolean endStream) {
                return PAUSE;
              }
            }));
    harness.post().body("ab", false).body("cd", true);
    assertEquals(List.of(), harness.seen());
    harness.stream().resumeRequest();
    assertEquals("> POST", harness.log.getFirst());
    assertTrue(harness.log.getLast().endsWith(" end"), harness.log.toString());
    assertEquals("abcd", String.join("", harness.seen()).replaceAll("> POST|> | end", ""));
    noIncident();
  }

  @Test
  void whatWaitsOverTheWatermarkStopsReadsUntilItIsGone() {
    harness.bufferLimit(3);
    harness.filter(
        filter(context ->
            new HttpFilter() {
              @Override
              public Verdict requestHeaders(Headers headers, boolean endStream) {
                return PAUSE;
              }
            }));
    harness.post().body("abcd", false);
    assertEquals(List.of("< reads off"), harness.seen());
    harness.stream().resumeRequest();
    assertEquals(List.of("> POST", "> abcd", "< reads on"), harness.seen());
  }

  @Test
  void everyFilterIsDestroyedOnceHoweverTheStreamEnds() {
    int[] destroyed = new int[2];
    for (int i = 0; i < 2; i++) {
      int index = i;
      harness.filter(
          filter(context ->
              new HttpFilter() {
                @Override
                public Verdict responseHeaders(Headers headers, boolean endStream) {
                  return index == 1 ? NO : Verdict.CONTINUE;
                }

                @Override
                public void destroy() {
                  destroyed[index]++;
                }
              }));
    }
    harness.get().respond(200, true);
    harness.clientGone();
    assertEquals(List.of(1, 1), List.of(destroyed[0], destroyed[1]));
    assertEquals(1, harness.seen().stream().filter(each -> each.equals("> destroy")).count());
  }

  @Test
  void afterTheEndNothingPassesAndNothingIsAsked() {
    Holder holder = new Holder();
    harness.filter(filter(holder::with));
    harness.post().clientGone();
    assertEquals(List.of("> POST", "> destroy"), harness.seen());
    harness.body("late", true).respond(200, false).respondBody("late", true);
    holder.context().resumeRequest();
    holder.context().resumeResponse();
    holder.context().localReply(NO);
    assertEquals(List.of(), harness.seen());
    noIncident();
  }

  @Test
  void anExceptionInAFilterIsA500OfThatStreamAndAnIncident() {
    harness.filter(
        filter(context ->
            new HttpFilter() {
              @Override
              public Verdict requestHeaders(Headers headers, boolean endStream) {
                throw new IllegalStateException("oops");
              }
            }));
    harness.post().body("x", true);
    assertEquals(List.of("> destroy", "< 500", "< internal error end"), harness.seen());
    assertEquals("internal-error", harness.response().value("x-weir-cause"));
    assertEquals(1, harness.incidents.size());
    assertTrue(harness.incidents.getFirst().contains("oops"), harness.incidents.getFirst());
  }

  @Test
  void anExceptionOnceTheResponseHasBegunIsAReset() {
    harness.filter(
        filter(context ->
            new HttpFilter() {
              @Override
              public Verdict responseData(ByteBuf data, boolean endStream) {
                data.release();
                throw new IllegalStateException("oops");
              }
            }));
    harness.get().respond(200, false).respondBody("x", true);
    assertEquals(List.of("> GET end", "< 200", "> destroy", "< reset"), harness.seen());
    assertEquals(1, harness.incidents.size());
  }

  @Test
  void anExceptionInARoutesRulesForResponsesIsAnswered() {
    RouteConfiguration routes =
        Resources.routes(
            YamlReader.read(
                    "test.yaml",
                    "{name: r, virtual_hosts: [{name: a, domains: ['*'], routes: [{match: {prefix: /}, route: {cluster: a}}]}]}")
                .documents()
                .getFirst());
    HeaderMutation oops =
        new HeaderMutation(
            List.of(
                new HeaderMutation.Addition(
                    "no token", "a", HeaderMutation.Action.ADD_IF_ABSENT, false)),
            List.of());
    harness.routes(
        new RouteTable(
            new RouteConfiguration(
                routes.name(),
                routes.virtualHosts(),
                HeaderMutation.NONE,
                oops,
                Map.of(),
                false,
                false),
            List.of(),
            (index, config) -> config));
    harness.get().respond(200, true);
    assertEquals(
        List.of("> GET end", "> destroy", "< 500", "< internal error end"), harness.seen());
    assertEquals(1, harness.incidents.size());
  }

  @Test
  void anExceptionInATimerDoesNotLeaveTheRequestHanging() {
    harness.filter(
        filter(context -> {
          StreamTimer timer =
              context.newTimer(() -> {
                throw new IllegalStateException("oops");
              });
          timer.set(context.loop().nanoTime() + Duration.ofSeconds(1).toNanos());
          return new HttpFilter() {};
        }));
    harness.get();
    harness.seen();
    harness.advance(Duration.ofSeconds(2));
    assertEquals(List.of("> destroy", "< 500", "< internal error end"), harness.seen());
    assertEquals(1, harness.incidents.size());
  }

  @Test
  void anExceptionInTheEndOfOneFilterLetsTheOthersEnd() {
    boolean[] ended = new boolean[1];
    harness.filter(
        filter(context ->
            new HttpFilter() {
              @Override
              public void destroy() {
                throw new IllegalStateException("oops");
              }
            }));
    harness.filter(
        filter(context ->
            new HttpFilter() {
              @Override
              public void destroy() {
                ended[0] = true;
              }
            }));
    harness.get().respond(200, true);
    assertEquals(List.of("> GET end", "> destroy", "< 200 end"), harness.seen());
    assertTrue(ended[0]);
    assertEquals(1, harness.incidents.size());
  }

  @Test
  void aSilentRequestIsAnsweredWhenItsIdleTimeHasPassed() {
    harness.post().advance(Duration.ofMinutes(6));
    assertEquals(List.of("> POST", "> destroy", "< 408", "< stream timeout end"), harness.seen());
    noIncident();
  }
}
