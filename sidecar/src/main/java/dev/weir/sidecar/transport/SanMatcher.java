package dev.weir.sidecar.transport;

import com.google.re2j.Pattern;
import dev.weir.sidecar.config.route.StringMatch;
import dev.weir.sidecar.config.route.StringMatch.Kind;
import dev.weir.sidecar.config.tls.SanMatch;
import io.netty.util.NetUtil;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@link SanMatch}, compiled. */
final class SanMatcher {
  private final SanMatch config;
  private final @Nullable Pattern pattern;

  /** As in the configuration; an address in the form of RFC 5952. */
  private final String configured;

  SanMatcher(SanMatch config) {
    this.config = config;
    this.configured =
        config.type() == SanMatch.Type.IP_ADDRESS && config.match().kind() == Kind.EXACT
            ? address(config.match().value())
            : config.match().value();
    this.pattern =
        config.match().kind() == Kind.SAFE_REGEX ? Pattern.compile(config.match().value()) : null;
  }

  /**
   * Matches a certificate for {@code host}.
   *
   * @param host a name or an address
   */
  static SanMatcher host(String host) {
    SanMatch.Type type =
        NetUtil.createByteArrayFromIpAddressString(host) == null
            ? SanMatch.Type.DNS
            : SanMatch.Type.IP_ADDRESS;
    return new SanMatcher(new SanMatch(type, new StringMatch(Kind.EXACT, host, false)));
  }

  /** As Envoy writes it; the JDK writes all groups of a certificate's. */
  private static String address(String text) {
    byte[] address = NetUtil.createByteArrayFromIpAddressString(text);
    return address == null ? text : NetUtil.bytesToIpAddress(address);
  }

  /** By the type numbers of {@code X509Certificate.getSubjectAlternativeNames}. */
  private int type() {
    return switch (config.type()) {
      case EMAIL -> 1;
      case DNS -> 2;
      case URI -> 6;
      case IP_ADDRESS -> 7;
    };
  }

  /**
   * @param name its type and value, as {@code X509Certificate} has them
   */
  boolean matches(List<?> name) {
    if (!Integer.valueOf(type()).equals(name.get(0)) || !(name.get(1) instanceof String shown)) {
      return false;
    }
    String value = config.type() == SanMatch.Type.IP_ADDRESS ? address(shown) : shown;
    StringMatch match = config.match();
    boolean dns = config.type() == SanMatch.Type.DNS;
    boolean ignoreCase = match.ignoreCase() || dns && match.kind() == Kind.EXACT;
    String actual = ignoreCase ? value.toLowerCase(Locale.ROOT) : value;
    String wanted = ignoreCase ? configured.toLowerCase(Locale.ROOT) : configured;
    return switch (match.kind()) {
      case EXACT -> actual.equals(wanted) || dns && wildcard(actual, wanted);
      case PREFIX -> actual.startsWith(wanted);
      case SUFFIX -> actual.endsWith(wanted);
      case CONTAINS -> actual.contains(wanted);
      case SAFE_REGEX -> pattern != null && pattern.matches(value);
    };
  }

  /**
   * A certificate for {@code *.example} is one for {@code a.example}, not for {@code b.a.example}.
   */
  private static boolean wildcard(String certificate, String wanted) {
    int dot = wanted.indexOf('.');
    return certificate.startsWith("*.")
        && dot > 0
        && certificate.length() > 2
        && certificate.substring(1).equals(wanted.substring(dot));
  }
}
