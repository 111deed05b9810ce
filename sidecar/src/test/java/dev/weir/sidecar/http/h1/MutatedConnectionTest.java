package dev.weir.sidecar.http.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.http.h1.ReferenceParser.End;
import dev.weir.sidecar.http.h1.ReferenceParser.Message;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.OpenSockets;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A sample of what {@link MutatedRequestTest} gives to the codec, at a whole sidecar: answers and
 * what arrives behind it are the reference parser's, and the next connection is served.
 */
class MutatedConnectionTest {
  private static final int SAMPLE = 300;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([2-5]\\d\\d) ");

  private TestUpstream upstream;
  private TestSidecar sidecar;

  @BeforeEach
  void start() throws IOException {
    upstream = TestUpstream.replying("ok");
    sidecar = TestConfig.to(upstream).start();
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    upstream.close();
  }

  @Test
  void isAnsweredAsTheReferenceSaysAndTheNextRequestServedAndEverySocketClosed()
      throws IOException {
    good();
    Await.until(() -> sidecar.stat("http.in.downstream_cx_active") == 0);
    int sockets = OpenSockets.count();
    Random random = new Random(20261124);
    for (int i = 0; i < SAMPLE; i++) {
      judge(Mutants.changed(random, 1 + random.nextInt(3)));
    }
    Await.until(
        () -> OpenSockets.count() <= sockets,
        () -> OpenSockets.count() - sockets + " sockets are still open");
  }

  private void good() throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      assertEquals("ok", client.get("/good").body());
    }
  }

  private void judge(String input) throws IOException {
    ReferenceParser.Result expected = ReferenceParser.parse(input);
    String answers;
    try (RawClient client = new RawClient(sidecar.port())) {
      client.send(input);
      // Who ends its side does not wait for an answer: first all, then the end.
      answers = client.readUntil(text -> statuses(text).size() >= expected.messages().size());
      client.shutdownOutput();
      answers += client.rest();
    }
    good();
    assertEquals(
        expected.messages().stream().map(this::seen).toList(),
        arrived(),
        () -> Mutants.show(input));

    List<Integer> statuses = new ArrayList<>();
    expected.messages().forEach(message -> statuses.add(200));
    List<Integer> given = statuses(answers);
    boolean early = expected.end() == End.INCOMPLETE && given.size() > statuses.size();
    int refusal = early ? ReferenceParser.statusIfLineEnded(input) : expected.status();
    if (refusal > 0) {
      statuses.add(refusal);
    }
    assertEquals(statuses, given, () -> Mutants.show(input));
  }

  private String seen(Message message) {
    StringBuilder text = new StringBuilder(message.method() + " " + message.target());
    text.append(" at ").append(message.authority()).append(": ").append(message.body());
    message.trailers().forEach(trailer -> text.append('[').append(trailer.strip()).append(']'));
    return text.toString();
  }

  /** What came whole, the good requests left out. */
  private List<String> arrived() {
    return upstream.take().stream()
        .filter(request -> !request.line().equals("GET /good HTTP/1.1") && whole(request))
        .map(request ->
            request.line().replace(" HTTP/1.1", "")
                + " at "
                + request.field("host")
                + ": "
                + request.text())
        .toList();
  }

  private static boolean whole(TestUpstream.Request request) {
    String length = request.field("content-length");
    return length.isEmpty() || Long.parseLong(length) == request.body().length;
  }

  private static List<Integer> statuses(String answers) {
    List<Integer> statuses = new ArrayList<>();
    Matcher status = STATUS.matcher(answers);
    while (status.find()) {
      statuses.add(Integer.parseInt(status.group(1)));
    }
    return statuses;
  }
}
