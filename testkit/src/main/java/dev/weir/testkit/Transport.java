package dev.weir.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** By what the bytes of an attack go. */
public interface Transport {
  /** As they are. */
  Transport PLAIN = channel -> channel::write;

  /** Of a connection that is there, and does not block. */
  Wire over(SocketChannel channel) throws IOException;

  /** One connection's. */
  interface Wire {
    /**
     * Takes of {@code bytes} what the connection takes now.
     *
     * @return how many, which nobody needs
     * @throws IOException it is over
     */
    int write(ByteBuffer bytes) throws IOException;
  }
}
