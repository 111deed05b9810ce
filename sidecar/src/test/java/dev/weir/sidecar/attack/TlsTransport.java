package dev.weir.sidecar.attack;

import dev.weir.testkit.Transport;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * Within TLS: a handshake, for which it reads, and what is said then, for which it reads nothing.
 *
 * @param engines for each connection one, of a client
 * @param speech what is made of the bytes
 */
record TlsTransport(Supplier<SSLEngine> engines, Speech speech) implements Transport {
  private static final int RECORD = 17 << 10;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** What bytes become, when a handshake is done. */
  interface Speech {
    /** Records as long as may be. */
    Speech WHOLE = SSLEngine::wrap;

    /** A record for each byte. */
    Speech TORN =
        (engine, bytes, out) -> {
          ByteBuffer one = bytes.slice(bytes.position(), 1);
          bytes.get();
          return engine.wrap(one, out);
        };

    /** A record for each byte, which is empty. */
    Speech EMPTY =
        (engine, bytes, out) -> {
          bytes.get();
          return engine.wrap(NOTHING, out);
        };

    /**
     * For each byte what a client may ask for once it is let in: in TLS 1.3 another key, and that
     * the server takes another too, before that another handshake.
     */
    Speech AGAIN =
        (engine, bytes, out) -> {
          bytes.get();
          engine.beginHandshake();
          return engine.wrap(NOTHING, out);
        };

    /** Makes one record at least. The result is the engine's. */
    Object say(SSLEngine engine, ByteBuffer bytes, ByteBuffer out) throws SSLException;
  }

  @Override
  public Wire over(SocketChannel channel) throws IOException {
    SSLEngine engine = engines.get();
    engine.beginHandshake();
    return new Client(channel, engine, speech);
  }

  private static final class Client implements Wire {
    private final SocketChannel channel;
    private final SSLEngine engine;
    private final Speech speech;
    private final ByteBuffer in = ByteBuffer.allocate(2 * RECORD);
    private final ByteBuffer out = ByteBuffer.allocate(RECORD).flip();
    private boolean done;

    Client(SocketChannel channel, SSLEngine engine, Speech speech) {
      this.channel = channel;
      this.engine = engine;
      this.speech = speech;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int before = bytes.remaining();
      if (sent() && handshake()) {
        while (bytes.hasRemaining() && sent()) {
          out.clear();
          speech.say(engine, bytes, out);
          out.flip();
        }
        sent();
      }
      return before - bytes.remaining();
    }

    /** Whether all that was said has gone. */
    private boolean sent() throws IOException {
      channel.write(out);
      return !out.hasRemaining();
    }

    /** Whether it is done. */
    private boolean handshake() throws IOException {
      while (!done) {
        switch (engine.getHandshakeStatus()) {
          case NEED_WRAP -> {
            out.clear();
            engine.wrap(NOTHING, out);
            out.flip();
            if (!sent()) {
              return false;
            }
          }
          case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
            if (!unwrap()) {
              return false;
            }
          }
          case NEED_TASK -> Objects.requireNonNull(engine.getDelegatedTask()).run();
          case FINISHED, NOT_HANDSHAKING -> done = true;
        }
      }
      return true;
    }

    /** Whether a record was there. */
    private boolean unwrap() throws IOException {
      if (channel.read(in) < 0) {
        throw new EOFException("the end of a handshake");
      }
      in.flip();
      var result = engine.unwrap(in, ByteBuffer.allocate(RECORD));
      in.compact();
      return result.bytesConsumed() > 0
          || result.getHandshakeStatus() != HandshakeStatus.NEED_UNWRAP;
    }
  }
}
