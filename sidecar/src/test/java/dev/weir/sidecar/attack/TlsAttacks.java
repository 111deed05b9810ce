package dev.weir.sidecar.attack;

import dev.weir.sidecar.attack.TlsTransport.Speech;
import dev.weir.testkit.Attack;
import dev.weir.testkit.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** By TLS: before a handshake, in it, after it, and what attacks HTTP from within. */
final class TlsAttacks {
  private static final int HANDSHAKE = 22;
  private static final int TICKS = 100;
  private static final byte[] NOTHING = {};

  /** Of HTTP/1.1, by their names. */
  private static final Set<String> HTTP1 =
      Set.of(
          "heads that come a byte at a time",
          "uploads to an app that reads nothing",
          "large answers that nobody reads");

  private static final Set<String> HTTP2 =
      Set.of(
          "streams that are reset at once",
          "settings without an end",
          "large answers into no window");

  private final SSLContext trusted;
  private final SSLContext stranger;
  private final byte[] hello;
  private final List<OnListener> all = new ArrayList<>();

  /** One, with where it goes and by what. */
  record OnListener(String listener, Transport transport, Attack attack) {
    @Override
    public String toString() {
      return listener + ": " + attack;
    }
  }

  /**
   * @param trusted of a client that trusts the sidecar
   * @param stranger of one that the sidecar does not trust, and that shows a certificate
   */
  TlsAttacks(SSLContext trusted, SSLContext stranger) {
    this.trusted = trusted;
    this.stranger = stranger;
    this.hello = hello(Bootstrap.NAME);
  }

  List<OnListener> all() {
    hellos(Bootstrap.TLS);
    hellos(Bootstrap.NAMED);
    records(Bootstrap.TLS);
    handshakes(Bootstrap.TLS, 1000);
    handshakes(Bootstrap.RELAY, 300);
    plain(
        Bootstrap.TLS,
        new Attack("handshakes that are reset", 50, hello, TlsAttacks::nothing, false));
    plain(
        Bootstrap.NAMED,
        new Attack("names nobody has", 100, hello("no.test"), TlsAttacks::nothing, false));
    within(Bootstrap.MUTUAL, client(stranger, "TLSv1.3"), Speech.WHOLE, ticks("strangers"));
    within(Bootstrap.TLS, client(trusted, "TLSv1.3"), Speech.EMPTY, ticks("empty records"));
    for (String listener : List.of(Bootstrap.TLS, Bootstrap.RELAY)) {
      within(listener, client(trusted, "TLSv1.3"), Speech.AGAIN, ticks("ever new keys"));
      within(listener, client(trusted, "TLSv1.2"), Speech.AGAIN, ticks("another handshake"));
    }
    http(Http1Attacks.all(), HTTP1, Speech.WHOLE);
    http(AttacksTest.http2(), HTTP2, Speech.WHOLE);
    http(Http1Attacks.all(), Set.of("a field without an end"), Speech.TORN);
    return List.copyOf(all);
  }

  private static byte[] nothing(int round) {
    return NOTHING;
  }

  private void plain(String listener, Attack attack) {
    all.add(new OnListener(listener, Transport.PLAIN, attack));
  }

  private void within(String listener, Supplier<SSLEngine> engines, Speech speech, Attack attack) {
    all.add(new OnListener(listener, new TlsTransport(engines, speech), attack));
  }

  private void http(List<Attack> attacks, Set<String> names, Speech speech) {
    List<Attack> chosen = attacks.stream().filter(each -> names.contains(each.name())).toList();
    if (chosen.size() != names.size()) {
      throw new IllegalStateException("not all of " + names + " are there");
    }
    chosen.forEach(attack -> within(Bootstrap.TLS, client(trusted, "TLSv1.3"), speech, attack));
  }

  /** Of which none is whole, or soon. */
  private void hellos(String listener) {
    byte[] half = Arrays.copyOf(hello, hello.length / 2);
    plain(
        listener,
        new Attack(
            "hellos that come a byte at a time",
            300,
            NOTHING,
            round -> round < hello.length ? new byte[] {hello[round]} : NOTHING,
            true));
    plain(listener, new Attack("half hellos", 1000, half, TlsAttacks::nothing, true));
    byte[] giant = record(HANDSHAKE, new byte[] {1, (byte) 255, (byte) 255, (byte) 255});
    byte[] more = record(HANDSHAKE, new byte[16 << 10]);
    plain(listener, new Attack("a hello of 16 MiB", 20, giant, _ -> more, true));
  }

  private void records(String listener) {
    byte[] random = new byte[4 << 10];
    new Random(1).nextBytes(random);
    random[0] = 0;
    byte[] empty = many(record(HANDSHAKE, NOTHING));
    plain(listener, Attack.silent("records of which nothing comes", 1000, "\26\3\1\100\0"));
    plain(
        listener,
        new Attack("hellos in records of a byte", 300, torn(hello), TlsAttacks::nothing, true));
    plain(listener, new Attack("records of nothing", 20, NOTHING, _ -> empty, true));
    plain(listener, new Attack("bytes of no protocol", 100, random, TlsAttacks::nothing, false));
  }

  private void handshakes(String listener, int connections) {
    plain(
        listener,
        new Attack("handshakes that do not end", connections, hello, TlsAttacks::nothing, true));
  }

  /** A hundred bytes each time, of which each is something else by what carries them. */
  private static Attack ticks(String name) {
    return new Attack(name, 20, new byte[1], _ -> new byte[TICKS], true);
  }

  private static byte[] record(int type, byte[] content) {
    return bytes(
        Unpooled.buffer()
            .writeByte(type)
            .writeShort(0x0301)
            .writeShort(content.length)
            .writeBytes(content));
  }

  private static byte[] many(byte[] one) {
    ByteBuf out = Unpooled.buffer();
    for (int i = 0; i < 500; i++) {
      out.writeBytes(one);
    }
    return bytes(out);
  }

  /** The same in a record for each byte. */
  private static byte[] torn(byte[] hello) {
    ByteBuf out = Unpooled.buffer();
    for (int i = 5; i < hello.length; i++) {
      out.writeBytes(record(HANDSHAKE, new byte[] {hello[i]}));
    }
    return bytes(out);
  }

  private static byte[] bytes(ByteBuf from) {
    byte[] bytes = ByteBufUtil.getBytes(from);
    from.release();
    return bytes;
  }

  /** What a client of {@code context} says first, in a record. */
  private byte[] hello(String name) {
    SSLEngine engine = client(trusted, "TLSv1.3").get();
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(name)));
    engine.setSSLParameters(parameters);
    ByteBuffer out = ByteBuffer.allocate(32 << 10);
    try {
      engine.beginHandshake();
      engine.wrap(ByteBuffer.allocate(0), out);
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  private static Supplier<SSLEngine> client(SSLContext context, String version) {
    return () -> {
      SSLEngine engine = context.createSSLEngine();
      engine.setUseClientMode(true);
      engine.setEnabledProtocols(new String[] {version});
      return engine;
    };
  }
}
