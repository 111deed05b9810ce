package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.client.AsyncStream;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Field;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Service;
import dev.weir.sidecar.http.BodyParts;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks by a request like the one that is asked about; 200 allows it. */
final class HttpAuthorizer implements Authorizer {
  /** Told always, as in Envoy. */
  private static final String AUTHORIZATION = "authorization";

  private static final int OTHER_HOSTS = 2;

  /** Of an answer's body. */
  private static final int MOST_BYTES = 1 << 20;

  private final Service.Http service;
  private final ExtAuthzServices services;
  private final FieldChoice choice;
  private final HttpAnswers answers;

  HttpAuthorizer(Service.Http service, ExtAuthzConfig.Filter config, ExtAuthzServices services) {
    this.service = service;
    this.services = services;
    this.choice =
        new FieldChoice(config.told().allowed().or(() -> Optional.of(List.of())), config.told());
    this.answers = new HttpAnswers(service);
  }

  @Override
  public Check ask(Subject subject, Consumer<Decision> then) {
    AsyncClient client = services.clients().apply(subject.stream().loop().index());
    HttpCheck check = new HttpCheck(client, then);
    check.start(subject);
    return check;
  }

  private Headers head(Subject subject) {
    Headers request = subject.headers();
    Headers head =
        Headers.request(
            request.method(), request.authority(), service.pathPrefix() + request.path());
    for (Field field : choice.of(request)) {
      if (!Framing.is(field.name())) {
        head.add(field.name(), field.value());
      }
    }
    if (head.first(AUTHORIZATION) == null && choice.takesByDefault(AUTHORIZATION)) {
      String authorization = request.value(AUTHORIZATION);
      if (authorization != null) {
        head.add(AUTHORIZATION, authorization);
      }
    }
    if (subject.body() != null) {
      head.set(Subject.PARTIAL_BODY, String.valueOf(!subject.whole()));
    }
    for (Field field : service.added()) {
      head.set(field.name(), field.value());
    }
    head.add(HeaderName.CONTENT_LENGTH, subject.bodyLength());
    return head;
  }

  private final class HttpCheck implements Check, StreamDecoder {
    private final AsyncClient client;
    private final Consumer<Decision> then;
    private final long deadline;
    private @Nullable AsyncStream stream;
    private @Nullable Headers answer;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
    private boolean over;

    HttpCheck(AsyncClient client, Consumer<Decision> then) {
      this.client = client;
      this.then = then;
      this.deadline = client.loop().nanoTime() + service.timeout().toNanos();
    }

    void start(Subject subject) {
      long left = subject.bodyLength();
      AsyncStream started =
          client.start(
              service.cluster(),
              Protocol.HTTP1,
              head(subject),
              left == 0,
              new AsyncClient.Options(service.timeout(), OTHER_HOSTS, (int) left),
              this);
      if (over) {
        return;
      }
      stream = started;
      BodyParts parts = subject.body();
      if (left == 0 || parts == null) {
        return;
      }
      for (ByteBuf part : parts.slices()) {
        int length = (int) Math.min(left, part.readableBytes());
        left -= length;
        if (length == 0) {
          part.release();
        } else {
          started.sendData(part.slice(part.readerIndex(), length), left == 0);
        }
      }
    }

    @Override
    public void cancel() {
      over = true;
      AsyncStream current = stream;
      if (current != null) {
        current.cancel();
      }
    }

    private void end(Decision decision) {
      if (!over) {
        cancel();
        then.accept(decision);
      }
    }

    @Override
    public void informational(Headers headers) {}

    @Override
    public void headers(Headers headers, boolean endStream) {
      answer = headers;
      if (endStream) {
        whole();
      }
    }

    @Override
    public void data(ByteBuf data, boolean endStream) {
      int length = data.readableBytes();
      boolean tooLong = body.size() + length > MOST_BYTES;
      if (!over && !tooLong) {
        byte[] part = new byte[length];
        data.readBytes(part);
        body.writeBytes(part);
      }
      data.release();
      if (tooLong) {
        end(new Decision.Failed(false, "an answer of more than " + MOST_BYTES + " bytes"));
      } else if (endStream) {
        whole();
      }
    }

    @Override
    public void trailers(Headers trailers) {
      whole();
    }

    private void whole() {
      Headers head = answer;
      if (head != null && !over) {
        end(answers.decision(head, body.toByteArray()));
      }
    }

    @Override
    public void reset(ResetReason reason, String details) {
      end(new Decision.Failed(client.loop().nanoTime() - deadline >= 0, details));
    }

    @Override
    public void writable(boolean writable) {}
  }
}
