/*
 * stream_mode.h - the modes that a stream's codec speaks in, and what each of them costs.
 *
 * AMR, EVS, Opus and a few more say in each packet's header, or by its length, at which bit
 * rate or bandwidth they run; Ie and Bpl hang on that.  The packets vote, and an interval,
 * or the stream as a whole, is scored by the majority; comfort noise and packets without
 * data have no vote.  A single bit rate in the SDP decides without any vote.  Encrypted
 * payload says nothing: then the usual mode is assumed.
 */
#ifndef EARSHOT_TRACK_STREAM_MODE_H
#define EARSHOT_TRACK_STREAM_MODE_H

#include "analyzer/track/stream.h"

/* Does the payload of that codec say its mode? */
bool stream_mode_is_said(enum codec codec);

/* Its vote.  Only called for packets of such a codec: stream_now.has_modes. */
MUST_CHECK enum status stream_mode_note(struct stream *stream,
                                        const struct stream_packet *packet);

/* The codec in its mode, by the packets of the running interval if any of them voted. */
struct codec_variant stream_mode_of_interval(const struct stream *stream,
                                             const struct stream_type *type);

/* By all packets so far. */
struct codec_variant stream_mode_of_all(const struct stream *stream,
                                        const struct stream_type *type);

/* The next interval begins. */
void stream_mode_close_interval(struct stream *stream);

/* What that costs. */
struct stream_rating stream_rating(const struct stream *stream,
                                   const struct settings *settings,
                                   const struct codec_variant *variant);

#endif
