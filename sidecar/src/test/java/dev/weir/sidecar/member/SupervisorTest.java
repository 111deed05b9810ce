package dev.weir.sidecar.member;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.member.system.Sign;
import dev.weir.sidecar.runtime.Clock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a member's parts are started and told to end, by whom, and what its status is then. */
class SupervisorTest {
  private static final Event SOME_TIME = new Event.Told(Sign.KILL);

  private final List<String> happened = new ArrayList<>();
  private final Part app = new Part("app");
  private final Part sidecar = new Part("sidecar");
  private long now = 77;

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

  private final class Wound implements Clock {
    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public long currentTimeMillis() {
      return Duration.ofNanos(now).toMillis();
    }
  }

  /** SOME_TIME: as much as the supervisor would wait for. */
  private int supervise(RestartPolicy restart, Event... happening)
      throws IOException, InterruptedException {
    Queue<Event> events = new ArrayDeque<>(List.of(happening));
    return new Supervisor(
            new Supervisor.Care("inventory-1", restart, Duration.ofSeconds(10)),
            () -> {
              happened.add("start");
              return app;
            },
            sidecar,
            atMost -> {
              Event event = events.remove();
              if (event != SOME_TIME) {
                return Optional.of(event);
              }
              now += atMost.toNanos();
              happened.add(atMost.toMillis() + " ms");
              return Optional.empty();
            },
            new Wound(),
            happened::add)
        .run();
  }

  private int supervise(Event... happening) throws IOException, InterruptedException {
    return supervise(RestartPolicy.NO, happening);
  }

  private static Event ended(int waitStatus) {
    return new Event.AppEnded(new Ending(waitStatus));
  }

  private static Event exit(int status) {
    return ended(status << 8);
  }

  @Test
  void theAppsStatusIsTheMembers() throws Exception {
    assertEquals(7, supervise(exit(7)));
    assertEquals(List.of("start"), happened);
  }

  @Test
  void theAppIsToldOnceTheSidecarHasDrained() throws Exception {
    int status = supervise(new Event.Told(Sign.INT), new Event.SidecarEnded(), exit(0));

    assertEquals(130, status);
    assertEquals(List.of("start", "sidecar TERM", "app INT"), happened);
  }

  @Test
  void anAppThatDoesNotEndIsKilledAfterItsGrace() throws Exception {
    int status =
        supervise(new Event.Told(Sign.TERM), new Event.SidecarEnded(), SOME_TIME, ended(9));

    assertEquals(143, status);
    assertEquals(
        List.of(
            "start",
            "sidecar TERM",
            "app TERM",
            "10000 ms",
            "inventory-1: the app did not end within 10 s of SIGTERM; it is killed",
            "app KILL"),
        happened);
  }

  @Test
  void aSidecarThatDoesNotEndIsKilledAndTheAppIsToldThen() throws Exception {
    int status = supervise(new Event.Told(Sign.TERM), SOME_TIME, new Event.SidecarEnded(), exit(0));

    assertEquals(143, status);
    assertEquals(
        List.of(
            "start",
            "sidecar TERM",
            "10000 ms",
            "inventory-1: its sidecar did not end within 10 s; it is killed",
            "sidecar KILL",
            "app TERM"),
        happened);
  }

  @Test
  void toldTwiceNobodyIsAskedAnyMore() throws Exception {
    int status = supervise(new Event.Told(Sign.TERM), new Event.Told(Sign.INT), ended(9));

    assertEquals(143, status);
    assertEquals(List.of("start", "sidecar TERM", "sidecar KILL", "app KILL"), happened);
  }

  @Test
  void whatTheAppCannotBeWithoutEndsIt() throws Exception {
    int status = supervise(new Event.MeshEnded(), new Event.SidecarEnded(), ended(15));

    assertEquals(1, status);
    assertEquals(
        List.of("start", "inventory-1: its mesh ended; the app is stopped", "app TERM"), happened);
  }

  @Test
  void theSidecarsEndIsNoNewsOnceTheAppHasEnded() throws Exception {
    app.running = false;

    assertEquals(0, supervise(new Event.SidecarEnded(), exit(0)));
    assertEquals(List.of("start"), happened);
  }

  @Test
  void theSignalThatEndedTheAppIsNamed() throws Exception {
    assertEquals(139, supervise(ended(11 | 0x80)));
    assertEquals(
        List.of("start", "inventory-1: the app was ended by SIGSEGV, core dumped"), happened);
  }

  /** An exit with that status is none. */
  @ParameterizedTest
  @ValueSource(ints = {2, 13, 139 << 8})
  void anEndThatIsAnAnswerToWhoeverReadsOrTypesIsNotNamed(int waitStatus) throws Exception {
    supervise(ended(waitStatus));

    assertEquals(List.of("start"), happened);
  }

  @Test
  void anAppThatFailsIsStartedAgainEverLaterAndSoManyTimes() throws Exception {
    int status =
        supervise(
            RestartPolicy.parse("on-failure:2"), exit(3), SOME_TIME, ended(9), SOME_TIME, exit(4));

    assertEquals(4, status);
    assertEquals(
        List.of(
            "start",
            "inventory-1: the app ended with status 3; it is started again in 0.2 s (1 of 2)",
            "200 ms",
            "start",
            "inventory-1: the app was ended by SIGKILL; it is started again in 0.4 s (2 of 2)",
            "400 ms",
            "start"),
        happened);
  }

  @Test
  void anEndThatIsNoFailureIsTheEndUnlessItIsToRunAlways() throws Exception {
    assertEquals(0, supervise(RestartPolicy.parse("on-failure"), exit(0)));
    assertEquals(
        130,
        supervise(
            RestartPolicy.parse("always"), exit(0), SOME_TIME, exit(0), new Event.Told(Sign.INT)));
    assertEquals(
        List.of(
            "inventory-1: the app ended with status 0; it is started again in 0.2 s (1)",
            "200 ms",
            "start",
            "inventory-1: the app ended with status 0; it is started again in 0.4 s (2)"),
        happened.subList(2, 6));
  }

  @Test
  void anAppThatRanForAWhileHasNotFailedInARow() {
    Restarts restarts = new Restarts(RestartPolicy.parse("on-failure:1"), new Wound());
    restarts.started();
    assertEquals("0.2 s (1 of 1)", restarts.next(1).orElseThrow().toString());
    restarts.started();
    now += Duration.ofSeconds(10).toNanos();

    assertEquals("0.2 s (1 of 1)", restarts.next(1).orElseThrow().toString());
    restarts.started();
    assertEquals(Optional.empty(), restarts.next(1));
  }

  @Test
  void thePauseIsBounded() {
    Restarts restarts = new Restarts(RestartPolicy.parse("always"), new Wound());
    Duration last = Duration.ZERO;
    for (int time = 0; time < 100; time++) {
      restarts.started();
      last = restarts.next(1).orElseThrow().after();
    }

    assertEquals(Duration.ofSeconds(30), last);
  }

  @Test
  void whileItWaitsToStartTheLossOfTheMeshIsTheEnd() throws Exception {
    assertEquals(1, supervise(RestartPolicy.parse("always"), exit(0), new Event.MeshEnded()));
  }
}
