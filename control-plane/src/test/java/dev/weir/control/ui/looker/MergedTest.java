package dev.weir.control.ui.looker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What several control planes were told of one mesh. */
class MergedTest {
  private static String edge(String by, int requests, int failed, String causes) {
    return """
    {"services":[],"edges":[{"from":"a/x","to":"a/y","port":80,"protocol":"http","rps":%d.0,
     "success":0.5,"p50":1.0,"p99":%d.0,"requests":%d,"failed":%d,"by":"%s","causes":[%s]}]}\
    """
        .formatted(requests / 10, requests, requests, failed, by, causes);
  }

  private static String cause(String cause, String answer, int count) {
    return """
    {"cause":"%s","answer":"%s","policy":"","resource":"","count":%d}\
    """
        .formatted(cause, answer, count)
        .strip();
  }

  @Test
  void callersOfTwoControlPlanesAddUp() throws IOException {
    assertEquals(
        "{\"services\":[],\"edges\":[{\"from\":\"a/x\",\"to\":\"a/y\",\"port\":80,\"protocol\":\"http\","
            + "\"rps\":40.0,\"success\":0.9,\"p50\":1.0,\"p99\":300.0,\"requests\":400,\"failed\":40,"
            + "\"by\":\"source\",\"causes\":[{\"cause\":\"\",\"answer\":\"5xx\",\"policy\":\"\","
            + "\"resource\":\"\",\"count\":40}]}]}",
        Merged.of(
            "topology",
            List.of(
                edge("source", 100, 10, cause("", "5xx", 10)),
                edge("source", 300, 30, cause("", "5xx", 30)))));
  }

  @Test
  void callThatBothSidesTellOfIsCountedOnceWithTheCauseThatOneSideKnows() throws IOException {
    assertEquals(
        "{\"services\":[],\"edges\":[{\"from\":\"a/x\",\"to\":\"a/y\",\"port\":80,\"protocol\":\"http\","
            + "\"rps\":10.0,\"success\":0.75,\"p50\":1.0,\"p99\":100.0,\"requests\":100,\"failed\":25,"
            + "\"by\":\"source\",\"causes\":[{\"cause\":\"rate-limited\",\"answer\":\"\",\"policy\":\"\","
            + "\"resource\":\"\",\"count\":20},{\"cause\":\"\",\"answer\":\"5xx\",\"policy\":\"\","
            + "\"resource\":\"\",\"count\":5}]}]}",
        Merged.of(
            "topology",
            List.of(
                edge("source", 100, 5, cause("", "5xx", 5)),
                edge(
                    "destination",
                    100,
                    25,
                    cause("rate-limited", "", 20) + "," + cause("", "5xx", 5)))));
  }

  @Test
  void historyHasTheGreaterOfWhatTheTwoSidesTold() throws IOException {
    assertEquals(
        "{\"resource\":\"A\",\"history\":{\"begin\":0,\"step\":5,\"requests\":[5,7],\"failures\":[3,0],"
            + "\"p99\":[2.0,1.0],\"bySource\":[5,0],\"byDestination\":[4,7],\"causes\":[{\"cause\":\"c\","
            + "\"policy\":\"p\",\"answer\":\"\",\"counts\":[3,0]}],"
            + "\"shadows\":[{\"cause\":\"s\",\"policy\":\"p\",\"answer\":\"\",\"counts\":[3,0]}]}}",
        Merged.of(
            "policy",
            List.of(
                history("[5,0]", "[0,0]", "[1,0]", "[1,1]"),
                history("[0,0]", "[4,7]", "[2,0]", "[2,0]"))));
  }

  private static String history(String bySource, String byDestination, String counts, String p99) {
    return """
    {"resource":"A","history":{"begin":0,"step":5,"requests":[0,0],"failures":[0,0],"p99":%s,
     "bySource":%s,"byDestination":%s,
     "causes":[{"cause":"c","policy":"p","answer":"","counts":%s}],
     "shadows":[{"cause":"s","policy":"p","answer":"","counts":%s}]}}\
    """
        .formatted(p99, bySource, byDestination, counts, counts);
  }
}
