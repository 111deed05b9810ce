package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.filter.AttemptEnd;
import dev.weir.sidecar.filter.AttemptEnd.Result;
import dev.weir.sidecar.filter.UpstreamFilter;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.testkit.TestCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long an attempt took, and how it ended, as its filters are told. */
class AttemptReportTest {
  private final TestCluster cluster = new TestCluster("", 1);
  private final List<AttemptEnd> told = new ArrayList<>();
  private final Clock byHand =
      new Clock() {
        @Override
        public long nanoTime() {
          return now;
        }

        @Override
        public long currentTimeMillis() {
          return 0;
        }
      };
  private final UpstreamFilter listening =
      new UpstreamFilter() {
        @Override
        public void ended(AttemptEnd end) {
          told.add(end);
        }
      };
  private final AttemptReport report =
      new AttemptReport(cluster.live(), cluster.host(1), new UpstreamFilter[] {listening}, byHand);
  private long now = 100;

  @AfterEach
  void stop() {
    cluster.close();
  }

  private void head(int status) {
    Headers headers = Headers.response(status);
    report.head(headers, PeerCause.of(headers), false);
  }

  @Test
  void timeRunsFromTheEndOfTheRequestToTheHead() {
    now = 500; // the request comes slowly
    report.owed(now);
    now = 530;
    head(200);
    now = 900; // and so does the response
    report.end();
    assertEquals(List.of(new AttemptEnd(Result.SUCCESS, 30)), told);
  }

  @Test
  void answerBeforeTheEndOfTheRequestTookNoTime() {
    now = 500;
    head(200);
    report.owed(now);
    now = 900;
    report.end();
    assertEquals(List.of(new AttemptEnd(Result.SUCCESS, 0)), told);
  }

  @Test
  void failureTookUntilItWasKnown() {
    report.owed(now);
    now = 170;
    report.failed();
    report.givenUp();
    assertEquals(List.of(new AttemptEnd(Result.FAILURE, 70)), told);
  }

  @Test
  void attemptThatNobodyWaitsForTookUntilThen() {
    report.owed(now);
    now = 170;
    report.givenUp();
    assertEquals(List.of(new AttemptEnd(Result.GIVEN_UP, 70)), told);
  }

  @Test
  void attemptThatIsGivenUpBeforeOrAfterAnAnswerWasOwedSaysNothing() {
    report.givenUp();
    report.owed(now);
    head(200);
    report.givenUp();
    assertEquals(List.of(), told);
  }

  private static Headers response(int status, String... fields) {
    Headers headers = Headers.response(status);
    for (String field : fields) {
      headers.add(field.substring(0, field.indexOf(':')), field.substring(field.indexOf(':') + 1));
    }
    return headers;
  }

  /** A call of gRPC, which is known by its type alone until the trailers. */
  private void grpc() {
    report.owed(now);
    Headers headers = response(200, "content-type:application/grpc");
    report.head(headers, PeerCause.of(headers), false);
    assertEquals(List.of(), told);
  }

  private List<Result> results() {
    return told.stream().map(AttemptEnd::result).toList();
  }

  @Test
  void trailersSayHowACallOfGrpcWent() {
    grpc();
    report.trailers(response(0, "grpc-status:14"));
    report.end();
    assertEquals(List.of(Result.FAILURE), results());
  }

  @Test
  void callOfGrpcThatWentWellIsASuccess() {
    grpc();
    report.trailers(response(0, "grpc-status:5"));
    report.failed();
    assertEquals(List.of(Result.SUCCESS), results());
  }

  @Test
  void dataLossIsAFailure() {
    grpc();
    report.trailers(response(0, "grpc-status:15"));
    assertEquals(List.of(Result.FAILURE), results());
  }

  @Test
  void responseThatIsCutAfterItsHeadHasFailed() {
    report.owed(now);
    head(200);
    report.failed();
    assertEquals(List.of(Result.FAILURE), results());
  }

  @Test
  void headAloneSaysItWhereItIsAnError() {
    report.owed(now);
    head(500);
    assertEquals(List.of(Result.FAILURE), results());
  }

  @Test
  void headWithTheStatusOfGrpcSaysIt() {
    Headers headers = response(200, "content-type:application/grpc", "grpc-status:13");
    report.head(headers, PeerCause.of(headers), true);
    assertEquals(List.of(Result.FAILURE), results());
  }

  @Test
  void refusalOfThePeersSidecarSaysNothingOfTheApp() {
    Headers headers = response(503, "x-weir-cause:rate-limited");
    report.head(headers, PeerCause.of(headers), true);
    assertEquals(List.of(Result.NOTHING), results());
  }

  @Test
  void appThatItsSidecarCouldNotReachHasFailed() {
    Headers headers = response(503, "x-weir-cause:connect-failure");
    report.head(headers, PeerCause.of(headers), true);
    assertEquals(List.of(Result.FAILURE), results());
  }

  private final TestCluster judged =
      new TestCluster("outlier_detection: {consecutive_5xx: 1, max_ejection_percent: 100}", 1);

  @AfterEach
  void stopJudged() {
    judged.close();
  }

  private boolean ejected(Consumer<AttemptReport> attempt) {
    attempt.accept(new AttemptReport(judged.live(), judged.host(1), new UpstreamFilter[0], byHand));
    return judged.host(1).ejected();
  }

  private static void head(AttemptReport report, Headers headers, boolean end) {
    report.head(headers, PeerCause.of(headers), end);
  }

  @Test
  void outlierDetectionHearsOfWhatIsTheAppsOwn() {
    assertFalse(ejected(report -> head(report, response(200), true)));
    assertFalse(ejected(report -> head(report, response(503, "x-weir-cause:rate-limited"), true)));
    assertFalse(ejected(AttemptReport::givenUp));
    assertFalse(
        ejected(report -> {
          head(report, response(200, "content-type:application/grpc"), false);
          report.trailers(response(0, "grpc-status:5"));
        }));
    assertFalse(
        ejected(report -> {
          head(report, response(503, "x-weir-cause:rate-limited"), false);
          report.failed();
        }),
        "a refusal that is cut is still one");
    assertTrue(ejected(report -> head(report, response(500), false)));
  }

  @Test
  void outlierDetectionHearsOfTheTrailersOfGrpc() {
    assertTrue(
        ejected(report -> {
          head(report, response(200, "content-type:application/grpc"), false);
          report.trailers(response(0, "grpc-status:14"));
        }));
  }

  @Test
  void outlierDetectionHearsOfAnAttemptWithoutAnAnswer() {
    assertTrue(ejected(AttemptReport::failed));
  }

  @Test
  void outlierDetectionHearsOfAnAppThatItsSidecarCouldNotReach() {
    assertTrue(
        ejected(report -> head(report, response(503, "x-weir-cause:connect-failure"), true)));
  }

  /** Of a cluster that puts out who fails twice in a row. */
  private boolean endsTheRow(Consumer<AttemptReport> success) {
    try (TestCluster cluster =
        new TestCluster("outlier_detection: {consecutive_5xx: 2, max_ejection_percent: 100}", 1)) {
      for (Consumer<AttemptReport> attempt :
          List.<Consumer<AttemptReport>>of(AttemptReport::failed, success, AttemptReport::failed)) {
        attempt.accept(
            new AttemptReport(cluster.live(), cluster.host(1), new UpstreamFilter[0], byHand));
      }
      return !cluster.host(1).ejected();
    }
  }

  @Test
  void outlierDetectionHearsOfASuccessAsSoonAsItIsKnown() {
    assertFalse(endsTheRow(report -> {}));
    assertTrue(endsTheRow(report -> head(report, response(200), true)));
    assertTrue(endsTheRow(report -> head(report, response(200), false)));
    Headers grpc = response(200, "content-type:application/grpc");
    assertFalse(endsTheRow(report -> head(report, grpc, false)), "its trailers may say otherwise");
    assertTrue(
        endsTheRow(report -> {
          head(report, grpc, false);
          report.end();
        }));
    assertTrue(
        endsTheRow(report -> {
          head(report, grpc, false);
          report.trailers(response(0, "grpc-status:0"));
        }));
  }
}
