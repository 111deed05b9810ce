/** Where resources come from. A source knows nothing of others, and nothing of what it leads to. */
@NullMarked
package dev.weir.control.source;

import org.jspecify.annotations.NullMarked;
