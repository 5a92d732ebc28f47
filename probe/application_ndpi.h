/*
 * application_ndpi.h - nDPI and nothing else: its header and its unprefixed names stay in
 * one file.  One module for each thread, made one after the other.
 */
#ifndef EARSHOT_PROBE_APPLICATION_NDPI_H
#define EARSHOT_PROBE_APPLICATION_NDPI_H

#include "probe/application.h"

struct ndpi_detection_module_struct;
struct ndpi_flow_struct;

/* What it thinks of a flow so far. */
enum { ASK_UNDECIDED = -1, ASK_NOT_VOICE = -2 }; /* or an enum application */

/* NULL: no memory. */
struct ndpi_detection_module_struct *application_ndpi_new(void);
void application_ndpi_free(struct ndpi_detection_module_struct *ndpi); /* NULL is fine */

/* NULL: no memory. */
struct ndpi_flow_struct *application_ndpi_flow_new(void);
void application_ndpi_flow_free(struct ndpi_flow_struct *flow); /* NULL is fine */

/*
 * The next datagram of the flow, from the IP header on.  Guesses by ports and addresses do
 * not count.
 */
int application_ndpi_ask(struct ndpi_detection_module_struct *ndpi,
                         struct ndpi_flow_struct *flow, struct span datagram, nstime at);

#endif
