/** JSON text for the admin API and {@code --output json}. Any thread. */
@NullMarked
package dev.weir.control.json;

import org.jspecify.annotations.NullMarked;
