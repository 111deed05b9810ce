package dev.weir.sidecar.transport;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificates that we have, with their keys. Whatever issuers the peer names, one is shown, as
 * Envoy does: of those of a kind that the peer takes, one for the name that it calls before others,
 * else the first. Any thread.
 */
final class OwnKeys extends X509ExtendedKeyManager {
  /** One certificate with what certifies it. */
  record Own(X509Certificate[] chain, PrivateKey key) {
    String algorithm() {
      return chain[0].getPublicKey().getAlgorithm();
    }

    boolean isFor(String serverName) {
      try {
        Collection<List<?>> names = chain[0].getSubjectAlternativeNames();
        if (names == null) {
          return false;
        }
        int dot = serverName.indexOf('.');
        String wildcard = dot < 0 ? "*" : "*" + serverName.substring(dot);
        for (List<?> each : names) {
          if (each.get(1) instanceof String name
              && (name.equalsIgnoreCase(serverName) || name.equalsIgnoreCase(wildcard))) {
            return true;
          }
        }
        return false;
      } catch (CertificateParsingException e) {
        return false; // it may still be shown, for want of a better one
      }
    }
  }

  private final List<Own> all;

  OwnKeys(List<Own> all) {
    this.all = List.copyOf(all);
  }

  /** An alias is a place in the list. */
  private @Nullable String choose(String[] types, @Nullable String serverName) {
    String first = null;
    for (String type : types) {
      for (int i = 0; i < all.size(); i++) {
        if (!all.get(i).algorithm().equals(type)) {
          continue;
        }
        if (serverName == null || all.get(i).isFor(serverName)) {
          return Integer.toString(i);
        }
        first = first == null ? Integer.toString(i) : first;
      }
    }
    return first;
  }

  private static @Nullable String serverName(@Nullable SSLEngine engine) {
    String name = engine == null ? "" : ServerNames.received(engine, engine.getHandshakeSession());
    return name.isEmpty() ? null : name;
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return choose(types, null);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return choose(new String[] {type}, all.size() == 1 ? null : serverName(engine));
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return choose(types, null);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return choose(new String[] {type}, null);
  }

  private String @Nullable [] aliases(String type) {
    List<String> aliases = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).algorithm().equals(type)) {
        aliases.add(Integer.toString(i));
      }
    }
    return aliases.isEmpty() ? null : aliases.toArray(String[]::new);
  }

  @Override
  public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
    return aliases(type);
  }

  @Override
  public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
    return aliases(type);
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return all.get(Integer.parseInt(alias)).chain().clone();
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return all.get(Integer.parseInt(alias)).key();
  }
}
