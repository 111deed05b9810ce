package dev.weir.sidecar.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.weir.sidecar.http.Cause;
import java.util.Base64;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;

/** The details, which are written by hand, as protobuf reads them. */
class GrpcStatusDetailsTest {
  @Property(edgeCases = EdgeCasesMode.NONE) // all their combinations are too many
  void protobufReadsWhatWasWritten(
      @ForAll @IntRange(min = 1, max = 16) int code,
      @ForAll @StringLength(max = 300) @CharRange(to = '\ud7ff') String message,
      @ForAll @StringLength(max = 200) @CharRange(to = '\ud7ff') String policy,
      @ForAll @StringLength(max = 63) @CharRange(to = '\ud7ff') String limit,
      @ForAll @LongRange(min = 0, max = 1L << 40) long retryAfterMillis)
      throws InvalidProtocolBufferException {
    ErrorInfo.Builder info = ErrorInfo.newBuilder().setReason("RATE_LIMITED").setDomain("weir.dev");
    if (!policy.isEmpty()) {
      info.putMetadata("policy", policy);
    }
    if (!limit.isEmpty()) {
      info.putMetadata("limit", limit);
    }
    Status.Builder expected =
        Status.newBuilder().setCode(code).setMessage(message).addDetails(Any.pack(info.build()));
    if (retryAfterMillis > 0) {
      Duration delay =
          Duration.newBuilder()
              .setSeconds(retryAfterMillis / 1000)
              .setNanos((int) (retryAfterMillis % 1000) * 1_000_000)
              .build();
      expected.addDetails(Any.pack(RetryInfo.newBuilder().setRetryDelay(delay).build()));
    }

    String written =
        GrpcStatusDetails.of(
            code, message, new Cause("rate-limited", policy, limit, retryAfterMillis));
    assertFalse(written.contains("="), "padded");
    assertEquals(expected.build(), Status.parseFrom(Base64.getDecoder().decode(written)));
  }
}
