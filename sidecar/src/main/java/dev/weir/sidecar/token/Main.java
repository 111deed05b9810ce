package dev.weir.sidecar.token;

import dev.weir.cli.Operand;
import dev.weir.cli.Options;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code weir token}: prints a token that proves to a control plane who a sidecar is. */
public final class Main {
  private static final String TRUST_DOMAIN = "cluster.local";
  private static final Duration LIFETIME = Duration.ofHours(24);
  private static final Pattern SERVICE = Pattern.compile("([a-z0-9.-]+)/([a-z0-9.-]+)");
  private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");
  private static final Pattern SPIFFE_ID =
      Pattern.compile("spiffe://[a-z0-9._-]+/ns/[a-z0-9.-]+/sa/[a-z0-9.-]+");

  private Main() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return program().run(words, out, err, values -> print(values, out));
  }

  private static Program program() {
    return new Program(
        "weir token",
        "Print a token that proves to a control plane who a sidecar is, for its token_file.",
        new Version("weir token", Main.class),
        List.of(
            Options.required("key", "FILE", "The control plane's --token-key."),
            Options.optional(
                "trust-domain", "NAME", "Of a SERVICE (default: " + TRUST_DOMAIN + ")."),
            Options.optional(
                "address",
                "ADDRESS",
                "The only one it may register (default: where it calls from)."),
            Options.optional(
                "lifetime",
                "SECONDS",
                "How long it holds (default: " + LIFETIME.toSeconds() + ").")),
        List.of(new Operand("SERVICE", "NAMESPACE/NAME, or a SPIFFE ID.")),
        List.of());
  }

  private static int print(Values values, PrintStream out) throws IOException, WrongUsage {
    String subject =
        subject(
            values.operand(0),
            values.value("trust-domain", Main::trustDomain).orElse(TRUST_DOMAIN));
    Duration lifetime =
        Duration.ofSeconds(values.integer("lifetime").orElse((int) LIFETIME.toSeconds()));
    if (!lifetime.isPositive()) {
      throw new WrongUsage("--lifetime: must be a second at least");
    }
    Optional<String> address = values.value("address", Main::address);
    out.println(SigningKey.read(Path.of(values.required("key"))).token(subject, address, lifetime));
    return Program.OK;
  }

  private static String trustDomain(String text) {
    if (!text.matches("[a-z0-9._-]{1,255}")) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\": a trust domain has lower case letters, digits, dots, dashes and"
              + " underscores");
    }
    return text;
  }

  /** As an instance registers it. */
  private static String address(String text) {
    if (!IPV4.matcher(text).matches() || text.equals("0.0.0.0")) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not the IPv4 address of an instance, as 10.0.0.7");
    }
    return text;
  }

  private static String subject(String text, String trustDomain) throws WrongUsage {
    Matcher service = SERVICE.matcher(text);
    String id =
        service.matches()
            ? "spiffe://%s/ns/%s/sa/%s".formatted(trustDomain, service.group(1), service.group(2))
            : text;
    if (!SPIFFE_ID.matcher(id).matches()) {
      throw new WrongUsage(
          "SERVICE: \""
              + text
              + "\" is neither NAMESPACE/NAME nor"
              + " spiffe://TRUST_DOMAIN/ns/NAMESPACE/sa/NAME");
    }
    return id;
  }
}
