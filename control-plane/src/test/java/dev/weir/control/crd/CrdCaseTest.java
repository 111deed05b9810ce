package dev.weir.control.crd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code weir check} takes is what the table says; the API server's side: CrdOnServerTest. */
class CrdCaseTest {
  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("dev.weir.control.crd.CrdCase#all")
  void checkTakesWhatTheTableSays(CrdCase one) throws IOException {
    List<String> errors = one.errors(folder);

    assertEquals(one.check(), errors.isEmpty(), one.document() + errors);
  }
}
