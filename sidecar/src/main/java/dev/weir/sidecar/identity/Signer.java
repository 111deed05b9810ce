package dev.weir.sidecar.identity;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Asks a CA. Control thread. */
public interface Signer {
  /**
   * What is asked.
   *
   * @param csr PKCS #10 in PEM
   * @param token what proves who asks
   */
  record Request(String csr, Duration lifetime, Optional<String> token) {
    /** Without the token. */
    @Override
    public String toString() {
      return "Request[" + lifetime + "]";
    }
  }

  /** What came of it. */
  sealed interface Answer {
    /** In PEM: the certificate, what certifies it, and last the roots. */
    record Signed(List<String> chain) implements Answer {
      public Signed {
        chain = List.copyOf(chain);
      }
    }

    record Failed(String reason) implements Answer {}
  }

  /** {@code then} is told once, on the control thread, within a bounded time. */
  void sign(Request request, Consumer<Answer> then);
}
