package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.weir.control.TestControlPlane;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pages are made where they are asked for. The control thread, which sidecars wait for, is asked
 * for what there is at a moment, and allocates less for it than the page is long; a page that it
 * makes itself costs it several times as much.
 */
class PagesTest {
  private static final int SERVICES = 400;
  private static final int TIMES = 10;

  @TempDir Path folder;
  private TestControlPlane controlPlane;

  @SuppressWarnings("NullAway.Init")
  PagesTest() {}

  @BeforeEach
  void start() throws IOException {
    StringBuilder mesh = new StringBuilder();
    for (int i = 0; i < SERVICES; i++) {
      mesh.append(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: service-%1$d, namespace: shop}
          spec: {ports: [{name: http, port: 8080}, {name: metrics, port: 9100}]}
          ---
          apiVersion: v1
          kind: Endpoints
          metadata: {name: service-%1$d, namespace: shop}
          subsets: [{addresses: [{ip: 10.0.0.1}, {ip: 10.0.0.2}], ports: [{name: http, port: 8080}, {name: metrics, port: 9100}]}]
          ---
          apiVersion: weir.dev/v1alpha1
          kind: ResiliencePolicy
          metadata: {name: nobody-%1$d, namespace: shop}
          spec: {targetRefs: [{group: "", kind: Service, name: nobody-%1$d}], timeouts: {request: 1s}}
          ---
          """
              .formatted(i));
    }
    Files.writeString(folder.resolve("mesh.yaml"), mesh);
    controlPlane = new TestControlPlane(folder);
  }

  @AfterEach
  void stop() throws IOException {
    controlPlane.close();
  }

  private static long allocatedByControlThreads() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return LongStream.of(threads.getAllThreadIds())
        .filter(id -> {
          var info = threads.getThreadInfo(id);
          return info != null && info.getThreadName().equals("control");
        })
        .map(threads::getThreadAllocatedBytes)
        .sum();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/services", "/findings"})
  void controlThreadMakesNoPage(String page) {
    String made = controlPlane.page(page);
    assertTrue(made.contains("-" + (SERVICES - 1)), made);
    long before = allocatedByControlThreads();
    for (int i = 0; i < TIMES; i++) {
      controlPlane.page(page);
    }
    long each = (allocatedByControlThreads() - before) / TIMES;
    assertTrue(each < made.length(), "%d bytes for a page of %d".formatted(each, made.length()));
  }
}
