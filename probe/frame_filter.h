/*
 * frame_filter.h - a capture filter (pcap-filter(7)) on frames of any link type.
 */
#ifndef EARSHOT_PROBE_FRAME_FILTER_H
#define EARSHOT_PROBE_FRAME_FILTER_H

#include <stdbool.h>

#include "analyzer/base/status.h"
#include "analyzer/base/text.h"
#include "probe/frame.h"

struct frame_filter;

/* ERR_MALFORMED with the reason in `error`. */
MUST_CHECK enum status frame_filter_new(const char *expression, struct frame_filter **out,
                                        char *error, size_t error_size);
/* A link type that the filter cannot be compiled for matches nothing. */
bool frame_filter_matches(struct frame_filter *filter, const struct frame *frame);
void frame_filter_free(struct frame_filter *filter);

#endif
