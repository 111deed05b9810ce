/**
 * The way from a member's network, which is the mesh's alone, to that of whoever started it.
 *
 * <p>A socket is of the network in which it was made, whoever has it. So a program in the outer
 * network ({@code program}) makes sockets and hands them over at a Unix socket, the door, which
 * knows no network namespace. The sidecar takes one by {@code WayOut}, on the event loop of the
 * connection, and connects it as any other: no byte passes by the program. The outer network's name
 * servers are asked by {@code NameQuestion}, at a second Unix socket.
 */
@NullMarked
package dev.weir.sidecar.egress;

import org.jspecify.annotations.NullMarked;
