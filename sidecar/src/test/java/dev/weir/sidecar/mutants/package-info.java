/**
 * Is each honoured field held by a test that shows its effect? {@link
 * dev.weir.sidecar.mutants.FieldMutantsTest} takes each in turn from every message that is built,
 * and looks whether a test notices.
 */
@NullMarked
package dev.weir.sidecar.mutants;

import org.jspecify.annotations.NullMarked;
