package dev.weir.testkit;

import java.io.IOException;
import java.net.ServerSocket;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** Fails a test class after which more sockets are open than before it. In force for all. */
public final class SocketGuard implements BeforeAllCallback, AfterAllCallback {
  private static final Namespace NAMESPACE = Namespace.create(SocketGuard.class);

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    new ServerSocket().close(); // the JDK keeps a socket for itself from the first use on
    context.getStore(NAMESPACE).put("before", OpenSockets.count());
  }

  @Override
  public void afterAll(ExtensionContext context) {
    int before = context.getStore(NAMESPACE).get("before", Integer.class);
    // What was closed may be gone a moment later: other libraries' servers take their time.
    Await.until(
        () -> OpenSockets.count() <= before,
        () -> OpenSockets.count() - before + " more sockets are open than before the class");
  }
}
