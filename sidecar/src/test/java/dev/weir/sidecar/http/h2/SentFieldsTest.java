package dev.weir.sidecar.http.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.weir.sidecar.http.Headers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SentFieldsTest {
  private final SentFields fields = new SentFields();

  private static List<String> all(SentFields fields) {
    List<String> all = new ArrayList<>();
    fields.forEach(field -> all.add(field.getKey() + "=" + field.getValue()));
    return all;
  }

  private static Headers response(String name, String value) {
    Headers response = Headers.response(200);
    response.add(name, value);
    return response;
  }

  private CharSequence value(Headers response) {
    return fields.response(response).value(1);
  }

  @Test
  void pseudoHeadersComeFirstAndNamesAreInLowerCase() {
    Headers request = Headers.request("PUT", "app", "/a?b");
    request.add("X-Own", "1");
    request.add("TE", "gzip, trailers");
    request.add("X-Gone", "2");
    request.remove("x-gone");
    assertEquals(
        List.of(
            ":method=PUT",
            ":scheme=http",
            ":authority=app",
            ":path=/a?b",
            "x-own=1",
            "te=trailers"),
        all(fields.request(request)));
  }

  @Test
  void upgradeIsAnExtendedConnectAndItsAnswerTwoHundred() {
    Headers request = Headers.request("GET", "app", "/");
    request.add("upgrade", "websocket");
    assertEquals(
        List.of(
            ":method=CONNECT", ":protocol=websocket", ":scheme=http", ":authority=app", ":path=/"),
        all(fields.request(request)));
    Headers response = Headers.response(101);
    response.add("upgrade", "websocket");
    assertEquals(List.of(":status=200"), all(fields.response(response)));
  }

  @Test
  void valueThatComesAgainIsTheSameObject() {
    CharSequence known = value(response("content-type", "text/plain"));
    assertSame(known, value(response("Content-Type", "text/plain")));
    CharSequence other = value(response("x-own", "1"));
    assertSame(other, value(response("X-Own", "1")));
  }

  @Test
  void anotherValueIsAnotherObjectAndTheFirstStaysAsItWas() {
    CharSequence first = value(response("x-own", "1"));
    Headers second = response("x-own", "2");
    assertEquals("2", value(second).toString());
    assertEquals("1", first.toString());
  }

  /** These two fall into one slot: the same length, first and last letter. */
  @Test
  void namesThatShareASlotAreNotTakenForEachOther() {
    assertEquals(List.of(":status=200", "x-ab-c=1"), all(fields.response(response("x-ab-c", "1"))));
    assertEquals(List.of(":status=200", "x-ba-c=1"), all(fields.response(response("x-ba-c", "1"))));
    assertEquals(List.of(":status=200", "x-ab-c=2"), all(fields.response(response("x-ab-c", "2"))));
  }

  @Test
  void longValueIsNotKept() {
    String value = "x".repeat(200);
    assertNotSame(value(response("x-own", value)), value(response("x-own", value)));
    assertNotSame(value(response("server", value)), value(response("server", value)));
  }
}
