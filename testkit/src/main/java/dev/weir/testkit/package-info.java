/**
 * What the tests of more than one module stand on: clients and servers that send the bytes they are
 * told to, an ADS server that does what the test says, cases in files, and guards that are in force
 * for every test class of a module that has this one on its path. Knows no module but the wire.
 */
@NullMarked
package dev.weir.testkit;

import org.jspecify.annotations.NullMarked;
