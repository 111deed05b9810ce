package dev.weir.sidecar.xds.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.bootstrap.BootstrapLoader;
import dev.weir.sidecar.bootstrap.Loaded;
import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.snapshot.CompileCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the operator reads of a control plane that is away. */
final class ReachabilityTest {
  private static final String BOOTSTRAP =
      """
      static_resources:
        clusters:
        - name: xds
          http2_protocol_options: {}
          load_assignment:
            cluster_name: xds
            endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 10.0.0.1, port_value: 15010}}}}]}]
      """;

  private final List<String> log = new ArrayList<>();
  private final Reachability reachability = new Reachability(bootstrap(), "xds", log::add);

  @Test
  void theAddressAndWhatIsInForceAreSaidOnce() {
    reachability.ended(14, "connection refused");
    reachability.ended(14, "connection refused");
    reachability.silent();
    assertEquals(
        List.of(
            "xds: the control plane at 10.0.0.1:15010 cannot be reached (gRPC status 14: connection"
                + " refused); nothing that it should send is in force; trying until it answers"),
        log);
  }

  @Test
  void anotherReasonIsSaidAndThatItAnswers() {
    reachability.silent();
    reachability.ended(5, "there is no Service shop/cart");
    reachability.answered();
    reachability.answered();
    reachability.ended(14, "gone");
    assertEquals(
        List.of(
            "xds: the control plane at 10.0.0.1:15010 does not answer; nothing that it should send"
                + " is in force; trying until it answers",
            "xds: the control plane at 10.0.0.1:15010 ended the stream (gRPC status 5: there is no"
                + " Service shop/cart); nothing that it should send is in force; trying until it"
                + " answers",
            "xds: the control plane at 10.0.0.1:15010 answers",
            "xds: the control plane at 10.0.0.1:15010 cannot be reached (gRPC status 14: gone);"
                + " what it sent last stays in force; trying until it answers"),
        log);
  }

  @Test
  void whatComesFromTheDiskIsInForceAlsoWhenItsTimeIsNotKnown() {
    reachability.restored(Optional.empty());
    reachability.silent();
    assertEquals(
        List.of(
            "xds: the control plane at 10.0.0.1:15010 does not answer; the last good configuration"
                + " is in force; trying until it answers"),
        log);
  }

  private static Bootstrap bootstrap() {
    return switch (new BootstrapLoader(FieldPolicy.REJECT, new CompileCheck())
        .read("b.yaml", BOOTSTRAP)) {
      case Loaded.Accepted accepted -> accepted.bootstrap();
      case Loaded.Rejected rejected -> fail(rejected.toString());
      case Loaded.Unreadable unreadable -> fail(unreadable.toString());
    };
  }
}
