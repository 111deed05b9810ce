/**
 * How the live page is served: its files, its JSON below {@code /api/v1/}, and what changes, as
 * server-sent events. Requests come in on virtual threads of the HTTP servers, of the control
 * plane's admin and of {@code weir ui}. What is said of a mesh comes from {@code ui.mesh}, and from
 * who looks.
 */
@NullMarked
package dev.weir.control.ui;

import org.jspecify.annotations.NullMarked;
