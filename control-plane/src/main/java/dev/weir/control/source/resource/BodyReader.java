package dev.weir.control.source.resource;

import dev.weir.control.source.reader.Findings;

/** Reads what a document of one kind says. */
interface BodyReader<B extends Record> {
  /** The document as it is written. */
  Class<B> type();

  /** What it says; of use only when nothing was added to {@code findings}. */
  Resource translate(Manifest manifest, B body, Findings findings);
}
