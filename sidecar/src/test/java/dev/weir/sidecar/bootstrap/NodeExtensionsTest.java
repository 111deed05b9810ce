package dev.weir.sidecar.bootstrap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.compile.Extension;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What this sidecar says that it takes beyond Envoy's messages. */
class NodeExtensionsTest {
  @Test
  void theControlPlaneSendsEachOfThemAndNoOther() {
    Set<String> sent =
        Arrays.stream(Extension.values()).map(Extension::typeUrl).collect(Collectors.toSet());
    assertEquals(sent, Set.copyOf(NodeParser.parse(Node.getDefaultInstance()).extensions()));
  }
}
