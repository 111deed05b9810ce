package dev.weir.sidecar.transport;

import com.google.re2j.Pattern;
import dev.weir.sidecar.config.route.StringMatch;
import dev.weir.sidecar.config.route.StringMatch.Kind;
import dev.weir.sidecar.config.tls.SanMatch;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@link SanMatch}, compiled. */
final class SanMatcher {
  private final SanMatch config;
  private final @Nullable Pattern pattern;

  SanMatcher(SanMatch config) {
    this.config = config;
    this.pattern =
        config.match().kind() == Kind.SAFE_REGEX ? Pattern.compile(config.match().value()) : null;
  }

  /**
   * Matches a certificate for {@code host}.
   *
   * @param host a name or an address
   */
  static SanMatcher host(String host) {
    byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
    return new SanMatcher(
        address == null
            ? new SanMatch(SanMatch.Type.DNS, new StringMatch(Kind.EXACT, host, false))
            : new SanMatch(
                SanMatch.Type.IP_ADDRESS, new StringMatch(Kind.EXACT, written(address), false)));
  }

  /** As the JDK writes an address of a certificate. */
  private static String written(byte[] address) {
    try {
      return InetAddress.getByAddress(address).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + address.length + " bytes", e);
    }
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
    if (!Integer.valueOf(type()).equals(name.get(0)) || !(name.get(1) instanceof String value)) {
      return false;
    }
    StringMatch match = config.match();
    boolean dns = config.type() == SanMatch.Type.DNS;
    boolean ignoreCase = match.ignoreCase() || dns && match.kind() == Kind.EXACT;
    String actual = ignoreCase ? value.toLowerCase(Locale.ROOT) : value;
    String wanted = ignoreCase ? match.value().toLowerCase(Locale.ROOT) : match.value();
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
