package dev.weir.sidecar.member;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

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

  @Test
  void theAppsStatusIsTheMembers() throws InterruptedException {
    assertEquals(7, supervise(new Event.AppEnded(7)));
    assertEquals(List.of(), happened);
  }

  @Test
  void theAppIsToldOnceTheSidecarHasDrained() throws InterruptedException {
    int status =
        supervise(new Event.Told(Sign.INT), new Event.SidecarEnded(), new Event.AppEnded(0));

    assertEquals(130, status);
    assertEquals(List.of("sidecar TERM", "app INT"), happened);
  }

  @Test
  void toldTwiceNobodyIsAskedAnyMore() throws InterruptedException {
    int status =
        supervise(new Event.Told(Sign.TERM), new Event.Told(Sign.INT), new Event.AppEnded(137));

    assertEquals(143, status);
    assertEquals(List.of("sidecar TERM", "sidecar KILL", "app KILL"), happened);
  }

  @Test
  void whatTheAppCannotBeWithoutEndsIt() throws InterruptedException {
    int status =
        supervise(new Event.MeshEnded(), new Event.SidecarEnded(), new Event.AppEnded(143));

    assertEquals(1, status);
    assertEquals(List.of("inventory-1: its mesh ended; the app is stopped", "app TERM"), happened);
  }

  @Test
  void theSidecarsEndIsNoNewsOnceTheAppHasEnded() throws InterruptedException {
    app.running = false;

    assertEquals(0, supervise(new Event.SidecarEnded(), new Event.AppEnded(0)));
    assertEquals(List.of(), happened);
  }
}
