package dev.weir.control.server;

import java.security.KeyStore;
import java.security.Provider;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyManagerFactorySpi;
import javax.net.ssl.ManagerFactoryParameters;

/**
 * Hands {@link OwnKeys} to whoever wants a factory of them. A key store would encrypt the key to
 * decrypt it again, for tens of milliseconds.
 */
final class OwnKeysFactory extends KeyManagerFactory {
  private static final Provider NOBODY =
      new Provider("WeirOwnKeys", "1", "holds a key that was made elsewhere") {
        private static final long serialVersionUID = 1;
      };

  OwnKeysFactory(OwnKeys keys) {
    super(new Spi(keys), NOBODY, "own");
  }

  private static final class Spi extends KeyManagerFactorySpi {
    private final OwnKeys keys;

    Spi(OwnKeys keys) {
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
}
