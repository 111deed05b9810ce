package dev.weir.sidecar.member;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlPlaneNewsTest {
  @TempDir Path folder;
  private final List<String> said = new ArrayList<>();

  private Path log() {
    return folder.resolve("holder.log");
  }

  private ControlPlaneNews begun(String text) throws IOException {
    Files.writeString(log(), text);
    ControlPlaneNews news = new ControlPlaneNews(log(), said::add);
    news.begin();
    return news;
  }

  @Test
  void whatIsWrongNowIsSaidAndWhatWasIsNot() throws IOException {
    begun(
        """
        a.yaml:3: was wrong
        control plane: what is right is in force; the above is not
        control plane: ADS on 10.88.0.1:15010
        b.yaml:4: is wrong
        control plane: what is right is in force; the above is not
        """);

    assertEquals(
        List.of("b.yaml:4: is wrong", "what is right is in force; the above is not"), said);
  }

  @Test
  void nothingIsSaidOfAFolderInWhichAllIsWell() throws IOException {
    begun(
        """
        a.yaml:3: was wrong
        control plane: what is right is in force; the above is not
        control plane: all of the folder is in force
        control plane: ADS on 10.88.0.1:15010
        """);

    assertEquals(List.of(), said);
  }

  @Test
  void whatComesIsSaidByTheWholeLine() throws IOException {
    ControlPlaneNews news = begun("control plane: all of the folder is in force\n");

    Files.writeString(log(), "weir: the control plane ended; it is", StandardOpenOption.APPEND);
    news.poll();
    assertEquals(List.of(), said);

    Files.writeString(log(), " started again\n", StandardOpenOption.APPEND);
    news.poll();
    news.poll();
    assertEquals(List.of("ended; it is started again"), said);
  }

  @Test
  void aLogThatIsGoneSaysNothing() throws IOException {
    ControlPlaneNews news = begun("");
    Files.delete(log());

    news.poll();

    assertEquals(List.of(), said);
  }
}
