/*
 * quality_options.h - what the user changes of how streams are scored: the figures of a
 * codec, the emulated de-jitter buffers, the length of the intervals.
 */
#ifndef EARSHOT_PROBE_QUALITY_OPTIONS_H
#define EARSHOT_PROBE_QUALITY_OPTIONS_H

#include "analyzer/model/limits.h"
#include "probe/option_error.h"

/* Each false, with the reason in *error, when the argument is wrong. */

/*
 * "opus=11,20,fb": Ie, Bpl and band of a codec, or "AMR:12200=5,10" of one mode; of the
 * same twice the last holds.
 */
bool quality_set_codec(struct settings *settings, const char *argument,
                       struct option_error *error);

/* "50,200,20-500": two fixed ones and an adaptive one, in ms. */
bool quality_set_buffers(struct settings *settings, const char *argument,
                         struct option_error *error);

/* "2.5" seconds. */
bool quality_set_interval(struct settings *settings, const char *argument,
                          struct option_error *error);

/* All of that as one line of text in a fixed form. */
void quality_describe(const struct settings *settings, char *to, size_t size);

#endif
