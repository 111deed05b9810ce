package dev.weir.demo;

import java.io.Closeable;
import java.io.IOException;

/** One connection that stays the same one: what is lost is not opened again. One thread. */
interface OpenConnection extends Closeable {
  Answer get(String path) throws IOException;
}
