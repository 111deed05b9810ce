package dev.weir.sidecar.dns;

import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
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
          then.accept(reply(done, server, type));
        });
  }

  private static Reply reply(
      Future<AddressedEnvelope<? extends DnsResponse, InetSocketAddress>> done,
      InetSocketAddress server,
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
      if (response.code().equals(DnsResponseCode.NXDOMAIN)) {
        return new Reply.Addresses(List.of(), 0);
      }
      return response.code().equals(DnsResponseCode.NOERROR)
          ? addresses(response, type)
          : new Reply.Refusal(who + " answers " + response.code());
    } finally {
      envelope.release();
    }
  }

  /** Those at the end of a chain of CNAMEs, whose time to live counts too. */
  private static Reply addresses(DnsResponse response, DnsRecordType type) {
    List<String> addresses = new ArrayList<>();
    long ttl = Long.MAX_VALUE;
    for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
      DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
      if (record.type().equals(DnsRecordType.CNAME)) {
        ttl = Math.min(ttl, record.timeToLive());
      } else if (record.type().equals(type) && record instanceof DnsRawRecord raw) {
        ByteBuf content = raw.content();
        if (content.readableBytes() == (type.equals(DnsRecordType.A) ? 4 : 16)) {
          addresses.add(text(ByteBufUtil.getBytes(content)));
          ttl = Math.min(ttl, record.timeToLive());
        }
      }
    }
    return new Reply.Addresses(addresses, addresses.isEmpty() ? 0 : ttl);
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
