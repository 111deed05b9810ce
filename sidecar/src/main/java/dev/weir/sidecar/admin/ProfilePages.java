package dev.weir.sidecar.admin;

import dev.weir.sidecar.admin.Pages.Page;
import dev.weir.sidecar.profile.Asker;
import dev.weir.sidecar.profile.Profile;
import dev.weir.sidecar.profile.Profiler;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Profiles, which cost something and are asked for by POST. */
final class ProfilePages {
  static final Set<String> PATHS = Set.of("/profile", "/heap_histogram");

  private static final int DEFAULT_SECONDS = 30;
  private static final int MOST_SECONDS = 300;
  private static final String SECONDS = "seconds=";

  private @Nullable Profiler profiler;

  /** {@code path} is one of {@link #PATHS}. */
  Page page(String method, String path, String query, Asker asker) {
    if (!method.equals("POST")) {
      return Page.text(405, path + " takes some of the sidecar's time; use POST\n");
    }
    try {
      if (path.equals("/heap_histogram")) {
        return page(profiler().heapHistogram());
      }
      int seconds = seconds(query);
      return page(profiler().record(Duration.ofSeconds(seconds), asker));
    } catch (IllegalArgumentException e) {
      return Page.text(400, e.getMessage() + "\n");
    } catch (IOException e) {
      return Page.text(503, "the recording failed: " + e.getMessage() + "\n");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Page.text(503, "interrupted\n");
    }
  }

  private static Page page(Profile profile) {
    return switch (profile) {
      case Profile.Recorded(var bytes) -> Page.bytes("application/octet-stream", bytes);
      case Profile.Told(String text) -> Page.text(text);
      case Profile.Refused(String why) -> Page.text(503, why + "\n");
    };
  }

  private synchronized Profiler profiler() {
    Profiler known = profiler;
    if (known == null) {
      known = new Profiler();
      profiler = known;
    }
    return known;
  }

  private static int seconds(String query) {
    if (query.isEmpty()) {
      return DEFAULT_SECONDS;
    }
    if (query.matches(SECONDS + "[0-9]{1,3}")) {
      int seconds = Integer.parseInt(query.substring(SECONDS.length()));
      if (seconds >= 1 && seconds <= MOST_SECONDS) {
        return seconds;
      }
    }
    throw new IllegalArgumentException(
        "\"%s\" is not seconds=N, N from 1 to %d".formatted(query, MOST_SECONDS));
  }
}
