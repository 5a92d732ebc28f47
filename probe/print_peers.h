/*
 * print_peers.h - what is told of registrations and peers, for people.
 */
#ifndef EARSHOT_PROBE_PRINT_PEERS_H
#define EARSHOT_PROBE_PRINT_PEERS_H

#include "analyzer/model/record.h"
#include "web/buffer.h"

/* One line each, without its end. */
void text_add_event(struct buffer *to, const struct record *record);

#endif
