package dev.weir.sidecar.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainCallersTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.5Z");

  private static List<String> lines(String callers) throws IOException {
    return PlainCallers.lines(
        "inventory-1",
        "{\"callers\":[" + callers + "]}\n",
        Map.of("10.88.0.7", "shop/legacy", "10.88.0.8", "shop/cart"),
        NOW);
  }

  @Test
  void aCallerIsNamedByItsServiceWhereItIsAMember() throws IOException {
    assertEquals(
        List.of(
            "inventory-1: plain text at port 8080 from 10.88.0.7 (shop/legacy), 3 connections, the"
                + " last 12 s ago: refused under Strict",
            "inventory-1: plain text at port 8080 from 10.88.0.1 (outside of the mesh), 1"
                + " connection, the last 0 s ago: refused under Strict",
            "inventory-1: plain text at port 9999 from 10.88.7.7, 2 connections, the last 5 min"
                + " ago: refused under Strict",
            "inventory-1: plain text at port 9999 from others, 12 connections, the last 3 h ago:"
                + " refused under Strict"),
        lines(
            """
            {"port":8080,"address":"10.88.0.7","connections":3,"last":"2026-03-01T11:59:48Z"},
            {"port":8080,"address":"10.88.0.1","connections":1,"last":"2026-03-01T12:00:00Z"},
            {"port":9999,"address":"10.88.7.7","connections":2,"last":"2026-03-01T11:55:00Z"},
            {"port":9999,"connections":12,"last":"2026-03-01T09:00:00Z"}\
            """));
  }

  @Test
  void withoutAnyThereIsNoLine() throws IOException {
    assertEquals(List.of(), lines(""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"{\"port\":1,\"connections\":1}", "{\"last\":"})
  void aPageThatIsNoneIsSaid(String caller) {
    assertThrows(IOException.class, () -> lines(caller));
  }
}
