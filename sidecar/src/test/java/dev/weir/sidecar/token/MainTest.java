package dev.weir.sidecar.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.token.Holder;
import dev.weir.control.token.TokenKeys;
import dev.weir.control.token.Tokens;
import dev.weir.control.token.WrongToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path folder;
  private Path key;
  private TokenKeys keys;

  @BeforeEach
  void makeKey() throws IOException {
    key = folder.resolve("token-key.pem");
    keys = new TokenKeys(folder.resolve("tokens"), line -> {});
    keys.trust(key);
  }

  private int run(String... words) {
    return Main.run(words, new PrintStream(out, true), new PrintStream(err, true));
  }

  private Holder holder(Clock clock) throws WrongToken {
    String token = out.toString(StandardCharsets.UTF_8).strip();
    return new Tokens(keys, "cluster.local", clock).holder(token);
  }

  @Test
  void theControlPlaneTakesWhatIsPrinted() throws WrongToken {
    assertEquals(0, run("--key", key.toString(), "--address", "10.0.0.7", "shop/cart"));

    Holder holder = holder(Clock.systemUTC());
    assertEquals("spiffe://cluster.local/ns/shop/sa/cart", holder.identity().toString());
    assertEquals(Optional.of("10.0.0.7"), holder.address());
  }

  @Test
  void aTokenEndsWhenItWasSaidTo() throws WrongToken {
    assertEquals(0, run("--key", key.toString(), "--lifetime", "600", "shop/cart"));

    Duration skew = Duration.ofSeconds(30);
    holder(Clock.offset(Clock.systemUTC(), Duration.ofSeconds(590).plus(skew)));
    Clock after = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(601).plus(skew));
    assertThrows(WrongToken.class, () -> holder(after));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | cart                          | SERVICE: \"cart\" is neither NAMESPACE/NAME nor",
        "2 | spiffe://cluster.local/cart   | is neither NAMESPACE/NAME nor",
        "2 | --lifetime 0 shop/cart        | --lifetime: must be a second at least",
        "2 | --address foo shop/cart       | '--address': \"foo\" is not the IPv4 address of an",
        "2 | --address 0.0.0.0 shop/cart   | '--address': \"0.0.0.0\" is not the IPv4 address",
        "2 | --address ::1 shop/cart       | '--address': \"::1\" is not the IPv4 address of an",
        "2 | --address 10.0.0.7. shop/cart | '--address': \"10.0.0.7.\" is not the IPv4 address",
        "2 | --trust-domain A/b shop/cart  | '--trust-domain': \"A/b\": a trust domain has lower",
        "1 | --key nowhere shop/cart       | weir token: there is no nowhere\n",
      })
  void whatIsWrongIsSaid(int status, String words, String said) {
    String all = words.contains("--key") ? words : "--key " + key + " " + words;

    assertEquals(status, run(all.split(" ")));

    assertTrue(err.toString(StandardCharsets.UTF_8).contains(said), err::toString);
  }

  @Test
  void aFileWithoutAKeyIsNamed() throws IOException {
    Files.writeString(key, "no key");

    assertEquals(1, run("--key", key.toString(), "shop/cart"));

    assertEquals(
        "weir token: " + key + " has no P-256 key, PKCS #8 in PEM\n",
        err.toString(StandardCharsets.UTF_8));
  }
}
