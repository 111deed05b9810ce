package dev.weir.sidecar.member.names;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The outer network's program is one here that answers with the transport and the question. */
class NameServerTest {
  private static final byte[] QUESTION = Arrays.copyOf(new byte[] {1, 2, 3}, 20);

  @TempDir Path folder;
  private ServerSocketChannel door;
  private NameServer server;

  @BeforeEach
  void start() throws IOException {
    Path file = folder.resolve("names");
    door = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    door.bind(UnixDomainSocketAddress.of(file));
    Thread.ofVirtual().start(this::answer);
    server = NameServer.open(file);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    door.close();
  }

  private void answer() {
    try {
      while (true) {
        try (SocketChannel one = door.accept();
            DataInputStream in = new DataInputStream(Channels.newInputStream(one));
            DataOutputStream out = new DataOutputStream(Channels.newOutputStream(one))) {
          byte transport = in.readByte();
          byte[] question = in.readNBytes(in.readUnsignedShort());
          out.writeShort(question.length + 1);
          out.writeByte(transport);
          out.write(question);
        }
      }
    } catch (ClosedChannelException e) {
      return; // the test is over
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static byte[] expected(char transport) {
    byte[] answer = new byte[QUESTION.length + 1];
    answer[0] = (byte) transport;
    System.arraycopy(QUESTION, 0, answer, 1, QUESTION.length);
    return answer;
  }

  @Test
  void aDatagramIsAnsweredByOne() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      socket.setSoTimeout(10_000);
      socket.send(new DatagramPacket(QUESTION, QUESTION.length, server.udpAddress()));
      DatagramPacket answer = new DatagramPacket(new byte[100], 100);
      socket.receive(answer);
      assertEquals(
          Arrays.toString(expected('U')),
          Arrays.toString(Arrays.copyOf(answer.getData(), answer.getLength())));
    }
  }

  @Test
  void questionsOfOneConnectionAreAnsweredInTurn() throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect((InetSocketAddress) server.tcpAddress());
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      for (int i = 0; i < 2; i++) {
        out.writeShort(QUESTION.length);
        out.write(QUESTION);
        assertEquals(
            Arrays.toString(expected('T')), Arrays.toString(in.readNBytes(in.readUnsignedShort())));
      }
    }
  }

  @Test
  void whatIsNoQuestionEndsAConnection() throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect((InetSocketAddress) server.tcpAddress());
      new DataOutputStream(socket.getOutputStream()).writeShort(0);
      assertEquals(-1, socket.getInputStream().read());
    }
  }
}
