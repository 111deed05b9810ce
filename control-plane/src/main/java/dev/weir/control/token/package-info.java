/**
 * Tokens that say who a client is: JWTs that are signed with one of the keys in a folder. The text
 * of a token comes in, who its holder is goes out. Any thread.
 */
@NullMarked
package dev.weir.control.token;

import org.jspecify.annotations.NullMarked;
