package dev.weir.sidecar.member;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a member's parts are told to end, by whom, and what its status is then. */
class SupervisorTest {
  private final Events events = new Events();
  private final List<String> happened = new ArrayList<>();
  private final Part app = new Part("app");
  private final Part sidecar = new Part("sidecar");

  private final class Part implements Running {
    private final String name;
    private boolean running = true;

    Part(String name) {
      this.name = name;
    }

    @Override
    public boolean running() {
      return running;
    }

    @Override
    public void tell(Sign sign) {
      happened.add(name + " " + sign);
    }
  }

  private int supervise(Event... happening) throws InterruptedException {
    for (Event event : happening) {
      events.add(event);
    }
    return new Supervisor("inventory-1", app, sidecar, events, happened::add).run();
  }

  private static Event ended(int waitStatus) {
    return new Event.AppEnded(new Ending(waitStatus));
  }

  @Test
  void theAppsStatusIsTheMembers() throws InterruptedException {
    assertEquals(7, supervise(ended(7 << 8)));
    assertEquals(List.of(), happened);
  }

  @Test
  void theAppIsToldOnceTheSidecarHasDrained() throws InterruptedException {
    int status = supervise(new Event.Told(Sign.INT), new Event.SidecarEnded(), ended(0));

    assertEquals(130, status);
    assertEquals(List.of("sidecar TERM", "app INT"), happened);
  }

  @Test
  void toldTwiceNobodyIsAskedAnyMore() throws InterruptedException {
    int status = supervise(new Event.Told(Sign.TERM), new Event.Told(Sign.INT), ended(9));

    assertEquals(143, status);
    assertEquals(List.of("sidecar TERM", "sidecar KILL", "app KILL"), happened);
  }

  @Test
  void whatTheAppCannotBeWithoutEndsIt() throws InterruptedException {
    int status = supervise(new Event.MeshEnded(), new Event.SidecarEnded(), ended(15));

    assertEquals(1, status);
    assertEquals(List.of("inventory-1: its mesh ended; the app is stopped", "app TERM"), happened);
  }

  @Test
  void theSidecarsEndIsNoNewsOnceTheAppHasEnded() throws InterruptedException {
    app.running = false;

    assertEquals(0, supervise(new Event.SidecarEnded(), ended(0)));
    assertEquals(List.of(), happened);
  }

  @Test
  void theSignalThatEndedTheAppIsNamed() throws InterruptedException {
    assertEquals(139, supervise(ended(11 | 0x80)));
    assertEquals(List.of("inventory-1: the app was ended by SIGSEGV, core dumped"), happened);
  }

  /** An exit with that status is none. */
  @ParameterizedTest
  @ValueSource(ints = {2, 13, 139 << 8})
  void anEndThatIsAnAnswerToWhoeverReadsOrTypesIsNotNamed(int waitStatus)
      throws InterruptedException {
    supervise(ended(waitStatus));

    assertEquals(List.of(), happened);
  }
}
