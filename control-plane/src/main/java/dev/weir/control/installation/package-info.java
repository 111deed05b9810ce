/**
 * What Weir keeps for itself in its cluster: the CA's Secret, the roots that pods begin to trust
 * with, and whom the API server trusts when it calls the webhooks. Its own threads; what cannot be
 * written is told and tried again.
 */
@NullMarked
package dev.weir.control.installation;

import org.jspecify.annotations.NullMarked;
