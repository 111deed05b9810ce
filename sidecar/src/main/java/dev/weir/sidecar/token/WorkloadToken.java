package dev.weir.sidecar.token;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a token says of its holder. Whether that is so the control plane alone can tell.
 *
 * @param trustDomain of the mesh; {@code cluster.local} where the subject names none
 * @param ends when it does; empty: it does not say
 */
public record WorkloadToken(
    String trustDomain, String namespace, String service, Optional<Instant> ends) {
  private static final long MOST_BYTES = 8 << 10;
  private static final Pattern SPIFFE_ID =
      Pattern.compile("spiffe://([a-z0-9._-]+)/ns/([a-z0-9.-]+)/sa/([a-z0-9.-]+)");
  private static final Pattern SERVICE_ACCOUNT =
      Pattern.compile("system:serviceaccount:([a-z0-9.-]+):([a-z0-9.-]+)");
  private static final String TRUST_DOMAIN = "cluster.local";

  /**
   * @throws IOException which names the file, if it has no token of a workload's
   */
  public static WorkloadToken read(Path file) throws IOException {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new IOException(file + " has no token: it has more than " + MOST_BYTES + " bytes");
      }
      String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
      return of(SignedJWT.parse(text).getJWTClaimsSet());
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file " + file, e);
    } catch (ParseException e) {
      throw new IOException(file + " has no signed JWT", e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static WorkloadToken of(JWTClaimsSet claims) {
    String subject = String.valueOf(claims.getSubject());
    Optional<Instant> ends = Optional.ofNullable(claims.getExpirationTime()).map(Date::toInstant);
    Matcher id = SPIFFE_ID.matcher(subject);
    if (id.matches()) {
      return new WorkloadToken(id.group(1), id.group(2), id.group(3), ends);
    }
    Matcher account = SERVICE_ACCOUNT.matcher(subject);
    if (account.matches()) {
      return new WorkloadToken(TRUST_DOMAIN, account.group(1), account.group(2), ends);
    }
    throw new IllegalArgumentException(
        "the token's subject \""
            + subject
            + "\" is neither spiffe://TRUST_DOMAIN/ns/NAMESPACE/sa/NAME nor"
            + " system:serviceaccount:NAMESPACE:NAME");
  }

  /** {@code NAMESPACE/NAME}. */
  public String fullName() {
    return namespace + "/" + service;
  }
}
