package dev.weir.sidecar.filter.http.jwtauthn;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.Provider;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * AWS-LC, which verifies a signature of an elliptic curve in a seventh of the JDK's time. Loading
 * it takes a fifth of a second and 7 MiB, so that is done when there is a key for it, beside
 * everything else; until then, and where it cannot be loaded (the folder for temporary files cannot
 * be written to, say), the JDK does the work. Any thread; nobody waits.
 */
final class AwsLc {
  private static final AtomicBoolean WANTED = new AtomicBoolean();
  private static volatile @Nullable Provider provider;

  private AwsLc() {}

  /** Begins to load it, the first time. */
  static void load() {
    if (WANTED.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("aws-lc").start(AwsLc::loadNow);
    }
  }

  private static void loadNow() {
    try {
      AmazonCorrettoCryptoProvider loaded = AmazonCorrettoCryptoProvider.INSTANCE;
      if (loaded.getLoadingError() == null) {
        provider = loaded;
      }
    } catch (LinkageError | RuntimeException e) {
      provider = null; // not for this platform
    }
  }

  /** Null as long as it is not loaded. */
  static @Nullable Provider provider() {
    return provider;
  }
}
