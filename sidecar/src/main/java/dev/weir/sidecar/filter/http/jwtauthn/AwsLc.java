package dev.weir.sidecar.filter.http.jwtauthn;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.Provider;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * AWS-LC, which verifies a signature of an elliptic curve in a seventh of the JDK's time. Loading
 * it takes a fifth of a second and 7 MiB, so that is done when there is a key for it, beside
 * everything else; until then, and where it cannot be loaded (the folder for temporary files cannot
 * be written to, say), the JDK does the work, which is told once. Any thread; nobody waits.
 */
final class AwsLc {
  private static final AtomicBoolean WANTED = new AtomicBoolean();
  private static volatile @Nullable Provider provider;

  private AwsLc() {}

  /**
   * Begins to load it, the first time.
   *
   * @param told if it cannot be loaded, on another thread
   */
  static void load(Consumer<String> told) {
    if (WANTED.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("aws-lc").start(() -> loadNow(told));
    }
  }

  private static void loadNow(Consumer<String> told) {
    Throwable problem;
    try {
      AmazonCorrettoCryptoProvider loaded = AmazonCorrettoCryptoProvider.INSTANCE;
      problem = loaded.getLoadingError();
      if (problem == null) {
        provider = loaded;
      }
    } catch (LinkageError | RuntimeException e) {
      problem = e;
    }
    if (problem != null) {
      told.accept(
          "jwt_authn: AWS-LC cannot be loaded, and the JDK verifies signatures of elliptic curves,"
              + " which takes seven times as long: "
              + problem);
    }
  }

  /** Null as long as it is not loaded. */
  static @Nullable Provider provider() {
    return provider;
  }
}
