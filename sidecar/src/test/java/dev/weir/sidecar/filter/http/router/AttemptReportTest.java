package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.filter.AttemptEnd;
import dev.weir.sidecar.filter.AttemptEnd.Result;
import dev.weir.sidecar.filter.UpstreamFilter;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.testkit.TestCluster;
import java.util.ArrayList;
import java.util.List;
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
}
