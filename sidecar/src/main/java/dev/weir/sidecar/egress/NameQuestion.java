package dev.weir.sidecar.egress;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A question to the outer network's name servers, RFC 1035. Any thread that may wait. */
public final class NameQuestion {
  /** How the question came, and is passed on. */
  public static final byte UDP = 'U';

  public static final byte TCP = 'T';

  private static final int HEADER_BYTES = 12;
  private static final int RESPONSE = 0x80;
  private static final int RECURSION_AVAILABLE = 0x80;
  private static final int SERVFAIL = 2;

  private NameQuestion() {}

  /** Asks by the program's Unix socket; without the program nobody answers. */
  public static byte[] ask(Path door, byte transport, byte[] question) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(door));
        DataOutputStream out = new DataOutputStream(Channels.newOutputStream(channel));
        DataInputStream in = new DataInputStream(Channels.newInputStream(channel))) {
      out.writeByte(transport);
      out.writeShort(question.length);
      out.write(question);
      byte[] answer = new byte[in.readUnsignedShort()];
      in.readFully(answer);
      return answer;
    } catch (IOException e) {
      return failed(question);
    }
  }

  /** Whether it can be one, and is worth to be passed on. */
  public static boolean plausible(byte[] question) {
    return question.length > HEADER_BYTES && (question[2] & RESPONSE) == 0;
  }

  /** Whether {@code answer} can be one to {@code question}. */
  public static boolean answers(byte[] question, byte[] answer) {
    return answer.length >= HEADER_BYTES
        && answer[0] == question[0]
        && answer[1] == question[1]
        && (answer[2] & RESPONSE) != 0;
  }

  /** The question, as an answer that says that nobody knew one. */
  public static byte[] failed(byte[] question) {
    byte[] answer = question.clone();
    answer[2] |= (byte) RESPONSE;
    answer[3] = (byte) (RECURSION_AVAILABLE | SERVFAIL);
    return answer;
  }
}
