/*
 * every_packet.h - marks what each packet of a known stream runs through: to the compiler
 * it is one function, across files, too.  Calls, with what they save, pass on and restore,
 * would be a tenth of all that is done for such a packet.
 */
#ifndef EARSHOT_BASE_EVERY_PACKET_H
#define EARSHOT_BASE_EVERY_PACKET_H

#define EVERY_PACKET __attribute__((always_inline)) inline
/* What such a function seldom calls: inside it, it would cost registers. */
#define SELDOM __attribute__((noinline))

#ifdef __clang__
/* It takes what a header declares without `inline` for an inline definition all the same.
 */
#pragma clang diagnostic ignored "-Wstatic-in-inline"
#endif

#endif
