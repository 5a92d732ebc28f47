/*
 * rtp_map.h - "97=opus/48000": what the user says of dynamic payload types.
 */
#ifndef EARSHOT_PROBE_RTP_MAP_H
#define EARSHOT_PROBE_RTP_MAP_H

#include "analyzer/model/limits.h"
#include "probe/option_error.h"

/* Adds one to a table of 128; false, with the reason in *error, when it is wrong. */
bool rtp_map_add(struct rtp_map table[128], const char *argument,
                 struct option_error *error);

/* The table as text in a fixed order; "" when empty. */
void rtp_map_describe(const struct rtp_map table[128], char *to, size_t size);

#endif
