package dev.weir.sidecar.dns;

import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Questions to name servers, one datagram each, over TCP where the answer does not fit. Netty has
 * the wire; what an answer means, and whom to ask next, is {@link NameLookup}'s. Event loop.
 */
final class DnsQueries implements AutoCloseable {
  /** Ours is shorter; this one ends what ours should have. */
  private static final Duration LAST_TIMEOUT = Duration.ofMinutes(2);

  /** As many as name servers follow. */
  private static final int MOST_ALIASES = 16;

  private final EventLoop eventLoop;
  private final DnsNameResolver netty;

  /** Reads files: not to be called on an event loop. */
  DnsQueries(Loop loop, Loops loops) {
    this.eventLoop = loop.eventLoop();
    this.netty =
        new DnsNameResolverBuilder(eventLoop)
            .datagramChannelFactory(loops::newDatagramChannel)
            .socketChannelFactory(() -> (SocketChannel) loops.newClientChannel(false))
            .queryTimeoutMillis(LAST_TIMEOUT.toMillis())
            .build();
  }

  /**
   * @param type A or AAAA
   * @param then told once, on the event loop
   */
  void ask(
      InetSocketAddress server,
      String name,
      DnsRecordType type,
      Duration timeout,
      Consumer<Reply> then) {
    Promise<AddressedEnvelope<? extends DnsResponse, InetSocketAddress>> promise =
        eventLoop.newPromise();
    Future<?> timer =
        eventLoop.schedule(() -> promise.cancel(false), timeout.toMillis(), TimeUnit.MILLISECONDS);
    netty
        .query(server, new DefaultDnsQuestion(name, type), List.of(), promise)
        .addListener((Future<AddressedEnvelope<? extends DnsResponse, InetSocketAddress>> done) -> {
          timer.cancel(false);
          then.accept(reply(done, server, name, type));
        });
  }

  private static Reply reply(
      Future<AddressedEnvelope<? extends DnsResponse, InetSocketAddress>> done,
      InetSocketAddress server,
      String name,
      DnsRecordType type) {
    String who = NetUtil.toSocketAddressString(server);
    Throwable cause = done.cause();
    if (cause instanceof CancellationException) {
      return new Reply.Silence(who + " does not answer");
    }
    if (cause != null) {
      return new Reply.Silence(who + " cannot be asked: " + cause.getMessage());
    }
    AddressedEnvelope<? extends DnsResponse, InetSocketAddress> envelope = done.getNow();
    try {
      DnsResponse response = envelope.content();
      if (response.isTruncated()) {
        // Or cut, to Netty. It has asked by TCP, in vain. RFC 2181 9: this is not to be used.
        return new Reply.Silence(who + " answers in part, and not by TCP");
      }
      if (response.code().equals(DnsResponseCode.NXDOMAIN)) {
        return new Reply.Addresses(List.of(), 0);
      }
      return response.code().equals(DnsResponseCode.NOERROR)
          ? addresses(response, who, name, type)
          : new Reply.Refusal(who + " answers " + response.code());
    } finally {
      envelope.release();
    }
  }

  /** Those at the end of the chain of CNAMEs that begins at {@code name}; its times count too. */
  private static Reply addresses(
      DnsResponse response, String who, String name, DnsRecordType type) {
    int length = type.equals(DnsRecordType.A) ? 4 : 16;
    List<String> addresses = new ArrayList<>();
    long ttl = Long.MAX_VALUE;
    String of = plain(name);
    for (int i = 0; i < MOST_ALIASES && addresses.isEmpty(); i++) {
      String next = null;
      for (int j = 0; j < response.count(DnsSection.ANSWER); j++) {
        DnsRecord record = response.recordAt(DnsSection.ANSWER, j);
        if (!(record instanceof DnsRawRecord raw) || !plain(record.name()).equals(of)) {
          continue; // of a name that was not asked for
        }
        if (record.type().equals(DnsRecordType.CNAME)) {
          next = plain(DefaultDnsRecordDecoder.decodeName(raw.content().duplicate()));
          ttl = Math.min(ttl, record.timeToLive());
        } else if (record.type().equals(type)) {
          if (raw.content().readableBytes() != length) {
            return new Reply.Refusal(who + " answers an address that is none");
          }
          addresses.add(text(ByteBufUtil.getBytes(raw.content())));
          ttl = Math.min(ttl, record.timeToLive());
        }
      }
      if (next == null) {
        break;
      }
      of = next;
    }
    return new Reply.Addresses(addresses, addresses.isEmpty() ? 0 : ttl);
  }

  /** In lower case and without the last dot: names are compared so, RFC 4343. */
  private static String plain(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  private static String text(byte[] address) {
    try {
      return NetUtil.toAddressString(InetAddress.getByAddress(address));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e); // of 4 or 16 bytes it is not
    }
  }

  @Override
  public void close() {
    netty.close();
  }
}
