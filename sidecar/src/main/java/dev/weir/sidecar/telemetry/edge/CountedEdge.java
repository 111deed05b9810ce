package dev.weir.sidecar.telemetry.edge;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** An edge, and what each loop counts of it. */
final class CountedEdge {
  private final Edge edge;
  private final AtomicReferenceArray<EdgeCell> cells;

  /** Nothing is told of it any more: whoever is to count looks for it anew. */
  private volatile boolean retired;

  /** As of the sweep before. Control thread. */
  private long count;

  private int idleSweeps;

  CountedEdge(Edge edge, int loops) {
    this.edge = edge;
    this.cells = new AtomicReferenceArray<>(loops);
  }

  /** The cell of loop {@code index}. That loop. */
  EdgeCell cell(int index) {
    EdgeCell known = cells.get(index);
    if (known == null) {
      known = new EdgeCell();
      cells.set(index, known);
    }
    return known;
  }

  boolean retired() {
    return retired;
  }

  void retire() {
    retired = true;
  }

  /** For how many sweeps in a row nothing was counted. Control thread. */
  int sweep() {
    long now = read().count();
    idleSweeps = now == count ? idleSweeps + 1 : 0;
    count = now;
    return idleSweeps;
  }

  EdgeReading read() {
    Durations durations = Durations.NONE;
    long received = 0;
    long sent = 0;
    List<Exemplar> exemplars = new ArrayList<>(0);
    for (int i = 0; i < cells.length(); i++) {
      EdgeCell cell = cells.get(i);
      if (cell != null) {
        durations = durations.plus(cell.durations());
        received += cell.received();
        sent += cell.sent();
        exemplars.addAll(cell.exemplars());
      }
    }
    exemplars.sort(Comparator.comparingLong(Exemplar::nanos));
    return new EdgeReading(edge, durations, received, sent, exemplars);
  }
}
