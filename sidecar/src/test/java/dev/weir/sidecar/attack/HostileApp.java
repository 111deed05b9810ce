package dev.weir.sidecar.attack;

import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.LockSupport;

/** An app that answers well, and by some paths as no app should. */
final class HostileApp {
  private static final byte[] MUCH = new byte[64 << 10];
  private static final String FIELDS = "x-a: b\r\n".repeat(1000);

  private HostileApp() {}

  static TestUpstream start() throws IOException {
    return TestUpstream.start((request, out) -> {
      String path = request.line().split(" ")[1];
      return switch (path) {
        case "/big" -> big(out);
        case "/interim" -> interim(out);
        case "/head" -> head(out);
        case "/drip" -> drip(out);
        case "/torn" -> torn(out);
        case "/deaf" -> deaf();
        default -> TestUpstream.reply(out, 200, "well");
      };
    });
  }

  private static boolean big(OutputStream out) throws IOException {
    int times = 80;
    TestUpstream.write(
        out, "HTTP/1.1 200 OK\r\ncontent-length: " + times * MUCH.length + "\r\n\r\n");
    for (int i = 0; i < times; i++) {
      out.write(MUCH);
    }
    return true;
  }

  private static boolean interim(OutputStream out) throws IOException {
    for (int i = 0; i < 20_000; i++) {
      TestUpstream.write(out, "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
    }
    return TestUpstream.reply(out, 200, "at last");
  }

  private static boolean head(OutputStream out) throws IOException {
    TestUpstream.write(out, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 1000; i++) {
      TestUpstream.write(out, FIELDS);
    }
    return false;
  }

  private static boolean drip(OutputStream out) throws IOException {
    TestUpstream.write(out, "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
    for (int i = 0; i < 1000; i++) {
      TestUpstream.write(out, "a");
      LockSupport.parkNanos(10_000_000);
    }
    return true;
  }

  private static boolean torn(OutputStream out) throws IOException {
    TestUpstream.write(out, "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nabc");
    return false;
  }

  /** Of a request with x-early, whose body is not read. */
  private static boolean deaf() {
    for (int i = 0; i < 1000; i++) {
      LockSupport.parkNanos(10_000_000);
    }
    return false;
  }
}
