package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.tls.CommonTls;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** TLS by the JDK's engine. Any thread. */
final class TlsSocket implements TransportSocket {
  /** Which end we are. */
  sealed interface Side {}

  record Server(ClientAuth clientAuth) implements Side {}

  record Client(Optional<SNIHostName> serverName) implements Side {}

  enum ClientAuth {
    NONE,
    WANT,
    NEED
  }

  private final SSLContext context;
  private final CommonTls config;
  private final Executor tasks;
  private final Side side;
  private final String[] versions;

  TlsSocket(SSLContext context, CommonTls config, Executor tasks, Side side) {
    this.context = context;
    this.config = config;
    this.tasks = tasks;
    this.side = side;
    List<String> allowed = new ArrayList<>();
    for (CommonTls.Version version : CommonTls.Version.values()) {
      if (version.compareTo(config.minimum()) >= 0 && version.compareTo(config.maximum()) <= 0) {
        allowed.add(
            switch (version) {
              case TLS_1_2 -> "TLSv1.2";
              case TLS_1_3 -> "TLSv1.3";
            });
      }
    }
    this.versions = allowed.toArray(String[]::new);
  }

  /** As bytes: names that are none of DNS, with underscores above all, are in use. */
  static SNIHostName serverName(String name) {
    return new SNIHostName(name.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public boolean plain() {
    return false;
  }

  @Override
  public List<String> protocols() {
    return config.alpnProtocols();
  }

  private SSLEngine engine(List<String> protocols) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(side instanceof Client);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(versions);
    List<String> offered = protocols.isEmpty() ? config.alpnProtocols() : protocols;
    switch (side) {
      case Client(Optional<SNIHostName> name) -> {
        parameters.setServerNames(
            name.<List<javax.net.ssl.SNIServerName>>map(List::of).orElse(List.of()));
        parameters.setApplicationProtocols(offered.toArray(String[]::new));
      }
      case Server(ClientAuth auth) -> {
        parameters.setWantClientAuth(auth == ClientAuth.WANT);
        if (auth == ClientAuth.NEED) {
          parameters.setNeedClientAuth(true);
        }
      }
    }
    engine.setSSLParameters(parameters);
    if (side instanceof Server && !offered.isEmpty()) {
      // As Envoy: a client that offers nothing we have is taken without, not refused.
      engine.setHandshakeApplicationProtocolSelector((handshaking, theirs) ->
          offered.stream().filter(theirs::contains).findFirst().orElse(""));
    }
    return engine;
  }

  @Override
  public void attach(Channel channel, Attachment attachment, Outcome outcome) {
    if (side instanceof Server) {
      add(channel, engine(attachment.protocols()), attachment, outcome);
      return;
    }
    // The first message has keys in it, which are not made on the event loop.
    channel.config().setAutoRead(false);
    try {
      tasks.execute(() -> prepare(channel, attachment, outcome));
    } catch (RejectedExecutionException e) {
      fail(channel, e, attachment, outcome);
    }
  }

  private void prepare(Channel channel, Attachment attachment, Outcome outcome) {
    SSLEngine engine = engine(attachment.protocols());
    Runnable next;
    try {
      engine.beginHandshake();
      next = () -> begin(channel, engine, attachment, outcome);
    } catch (SSLException | RuntimeException e) {
      next = () -> fail(channel, e, attachment, outcome);
    }
    attachment.loop().eventLoop().execute(next);
  }

  private void begin(Channel channel, SSLEngine engine, Attachment attachment, Outcome outcome) {
    if (!channel.isActive()) {
      fail(channel, new SSLException("the connection was closed"), attachment, outcome);
      return;
    }
    add(channel, engine, attachment, outcome);
    // Netty's handler finds the handshake begun, and would wait; a flush sends what there is.
    channel.pipeline().context(TlsWire.class).flush();
    channel.config().setAutoRead(true);
  }

  private static void fail(Channel channel, Throwable why, Attachment attachment, Outcome outcome) {
    String reason = TlsFailure.count(why, attachment);
    channel.close();
    outcome.failed(false, reason);
  }

  private void add(Channel channel, SSLEngine engine, Attachment attachment, Outcome outcome) {
    SslHandler handler = new SslHandler(engine, tasks);
    handler.setHandshakeTimeout(attachment.limitNanos(), TimeUnit.NANOSECONDS);
    channel.pipeline().addFirst("tls-wire", new TlsWire(handler, attachment, outcome));
    channel.pipeline().addFirst("tls", handler);
  }

  @Override
  public String toString() {
    return "tls";
  }
}
