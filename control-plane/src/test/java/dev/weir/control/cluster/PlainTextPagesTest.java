package dev.weir.control.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weir.control.describe.PlainText;
import dev.weir.control.describe.PlainText.Call;
import dev.weir.control.model.ObjectName;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainTextPagesTest {
  private static final ObjectName POD = new ObjectName("shop", "cart-0");
  private static final Map<String, String> NAMES = Map.of("10.0.0.7", "shop/legacy-0");

  @Test
  void whoHasCalledIsNamedByItsPod() {
    Instant last = Instant.parse("2026-03-01T11:59:48Z");
    assertEquals(
        new PlainText(
            "pods",
            List.of(
                new Call("shop/cart-0", 8080, Optional.of("10.0.0.7 (shop/legacy-0)"), 3, last),
                new Call("shop/cart-0", 8080, Optional.of("10.9.9.9"), 1, last),
                new Call("shop/cart-0", 9000, Optional.empty(), 12, last)),
            new TreeMap<>(Map.of("shop/cart-1", "port 15000 of pod shop/cart-1 cannot be asked"))),
        PlainTextPages.ask(
            List.of(POD, new ObjectName("shop", "cart-1")),
            "pods",
            NAMES,
            (pod, port, path) -> {
              if (!pod.equals(POD)) {
                throw new IOException("port " + port + " of pod " + pod + " cannot be asked");
              }
              assertEquals("15000 /plaintext", port + " " + path);
              return """
              {"callers":[
              {"port":8080,"address":"10.0.0.7","connections":3,"last":"2026-03-01T11:59:48Z"},
              {"port":8080,"address":"10.9.9.9","connections":1,"last":"2026-03-01T11:59:48Z"},
              {"port":9000,"connections":12,"last":"2026-03-01T11:59:48Z"}]}
              """;
            }));
  }

  @Test
  void ofAServiceWithManyInstancesSomeAreAsked() {
    PlainText plainText =
        PlainTextPages.ask(
            IntStream.range(0, 40).mapToObj(i -> new ObjectName("shop", "cart-" + i)).toList(),
            "",
            NAMES,
            (pod, port, path) -> "{\"callers\":[]}");
    assertEquals(Map.of("and 8 more", "not asked"), plainText.silent());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{",
        "{\"callers\":[1]}",
        "{\"callers\":[{\"port\":1,\"connections\":1}]}",
        "{\"callers\":[{\"port\":1,\"connections\":1,\"last\":\"yesterday\"}]}"
      })
  void aPageThatIsNoneIsSaid(String page) {
    assertThrows(IOException.class, () -> PlainTextPages.read(POD, page, NAMES));
  }
}
