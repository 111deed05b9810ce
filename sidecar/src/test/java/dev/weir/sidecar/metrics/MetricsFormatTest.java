package dev.weir.sidecar.metrics;

import static dev.weir.sidecar.metrics.MetricsFormat.OPENMETRICS;
import static dev.weir.sidecar.metrics.MetricsFormat.PROTOBUF;
import static dev.weir.sidecar.metrics.MetricsFormat.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Which format an Accept wants. */
class MetricsFormatTest {
  private static final String MESSAGES =
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

  @Test
  void withoutAWishItIsText() {
    assertEquals(TEXT, MetricsFormat.of(null));
    assertEquals(TEXT, MetricsFormat.of(""));
    assertEquals(TEXT, MetricsFormat.of("*/*"));
    assertEquals(TEXT, MetricsFormat.of("text/html, application/json"));
  }

  @Test
  void prometheusGetsWhatItAsksForFirst() {
    String texts =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
            + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    assertEquals(OPENMETRICS, MetricsFormat.of(texts)); // 2.42
    assertEquals(PROTOBUF, MetricsFormat.of(MESSAGES + "," + texts)); // with native histograms
    // 2.5x and 3, which weigh all of them.
    assertEquals(
        PROTOBUF,
        MetricsFormat.of(
            MESSAGES
                + ";q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"));
    assertEquals(
        OPENMETRICS,
        MetricsFormat.of(
            "application/openmetrics-text;version=1.0.0;q=0.6,"
                + MESSAGES
                + ";q=0.5,text/plain;version=0.0.4;q=0.4"));
  }

  @Test
  void weightsAreHeardAndZeroIsNone() {
    assertEquals(TEXT, MetricsFormat.of("text/plain;q=0.9, application/openmetrics-text;q=0.1"));
    assertEquals(TEXT, MetricsFormat.of(MESSAGES + ";q=0"));
    assertEquals(TEXT, MetricsFormat.of(MESSAGES + ";q=much, text/plain;q=0.1"));
  }

  @Test
  void otherMessagesAndOtherEncodingsAreNotOurs() {
    assertEquals(
        TEXT,
        MetricsFormat.of(
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text"));
    assertEquals(
        TEXT, MetricsFormat.of("application/vnd.google.protobuf;proto=a.B;encoding=delimited"));
    assertEquals(PROTOBUF, MetricsFormat.of(PROTOBUF.contentType()));
    assertEquals(OPENMETRICS, MetricsFormat.of(OPENMETRICS.contentType()));
  }
}
