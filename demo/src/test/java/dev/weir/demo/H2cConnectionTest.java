package dev.weir.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class H2cConnectionTest {
  private static int status(String hex) throws IOException {
    return H2cConnection.status(HexFormat.of().parseHex(hex));
  }

  /** The first two Huffman forms are of RFC 7541, appendix C.6; the others of its appendix B. */
  @ParameterizedTest
  @CsvSource({
    "88, 200",
    "8d, 404",
    "2088, 200",
    "4803333032, 302",
    "0803343239, 429",
    "48826402, 302",
    "4883640eff, 307",
    "0883684fff, 429",
    "18826c01, 501",
    "08836c0cff, 503",
  })
  void readsAStatusInEachFormThatThereIs(String block, int status) throws IOException {
    assertEquals(status, status(block));
  }

  @Test
  void aHeadWithoutAStatusFirstIsRefused() {
    assertThrows(IOException.class, () -> status("82"));
  }
}
