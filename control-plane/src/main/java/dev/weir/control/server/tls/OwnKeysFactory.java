package dev.weir.control.server.tls;

import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import java.security.KeyStore;
import javax.net.ssl.KeyManager;
import javax.net.ssl.ManagerFactoryParameters;

/**
 * Hands {@link OwnKeys} to whoever wants a factory of them. A key store would encrypt the key to
 * decrypt it again, for tens of milliseconds.
 */
final class OwnKeysFactory extends SimpleKeyManagerFactory {
  private final OwnKeys keys;

  OwnKeysFactory(OwnKeys keys) {
    this.keys = keys;
  }

  @Override
  protected void engineInit(KeyStore store, char[] password) {}

  @Override
  protected void engineInit(ManagerFactoryParameters parameters) {}

  @Override
  protected KeyManager[] engineGetKeyManagers() {
    return new KeyManager[] {keys};
  }
}
