#include "analyzer/track/stream_mode.h"

#include <math.h>
#include <stdlib.h>

#include "analyzer/wire/codec_mode.h"

/* More than any sender uses in one stream; what comes beyond has no vote. */
enum { MODES = 16 };

struct mode_votes {
	uint32_t value;         /* bit/s; of Opus the audio bandwidth in Hz */
	uint32_t total, recent; /* packets; recent: of the running interval */
	enum codec codec;       /* a later SDP may give the type another one */
	uint8_t type;           /* index of stream->types */
	bool amr_wb_io;
};

struct stream_modes {
	unsigned int count, latest;
	struct mode_votes of[MODES];
};

bool stream_mode_is_said(enum codec codec)
{
	return codec == CODEC_AMR || codec == CODEC_AMR_WB || codec == CODEC_EVS ||
	       codec == CODEC_OPUS || codec == CODEC_G723 || codec == CODEC_ILBC;
}

/* --- what a packet says --------------------------------------------------------------- */

/*
 * As the SDP says; but there may be none, and some devices do not do as they say.  A
 * payload has a length that fits one of both.
 */
static struct codec_mode mode_of_amr(struct codec_mode (*read)(struct span, uint32_t, bool),
                                     struct span payload, uint32_t payload_len,
                                     bool octet_aligned)
{
	const struct codec_mode mode = read(payload, payload_len, octet_aligned);
	if (mode.frame != CODEC_FRAME_UNKNOWN)
		return mode;
	return read(payload, payload_len, !octet_aligned);
}

static struct codec_mode mode_of(const struct payload_meaning *meaning, struct span payload,
                                 uint32_t payload_len)
{
	switch (meaning->codec) {
	case CODEC_AMR:
		return mode_of_amr(codec_mode_of_amr, payload, payload_len,
		                   meaning->octet_aligned);
	case CODEC_AMR_WB:
		return mode_of_amr(codec_mode_of_amr_wb, payload, payload_len,
		                   meaning->octet_aligned);
	case CODEC_EVS:
		return codec_mode_of_evs(payload, payload_len, meaning->header_full_only);
	case CODEC_OPUS:
		return codec_mode_of_opus(payload, payload_len);
	case CODEC_G723:
		return codec_mode_of_g723(payload, payload_len);
	case CODEC_ILBC:
		return codec_mode_of_ilbc(payload_len);
	default:
		return (struct codec_mode){ .frame = CODEC_FRAME_UNKNOWN };
	}
}

static bool same_mode(const struct mode_votes *a, const struct mode_votes *b)
{
	return a->value == b->value && a->type == b->type && a->codec == b->codec &&
	       a->amr_wb_io == b->amr_wb_io;
}

static void vote(struct stream_modes *modes, const struct mode_votes *mode)
{
	unsigned int at = modes->latest;
	if (at >= modes->count || !same_mode(&modes->of[at], mode))
		for (at = 0; at < modes->count && !same_mode(&modes->of[at], mode); at++)
			;
	if (at == MODES)
		return;
	if (at == modes->count)
		modes->of[modes->count++] = *mode;
	modes->latest = at;
	modes->of[at].total++;
	modes->of[at].recent++;
}

enum status stream_mode_note(struct stream *stream, const struct stream_packet *packet)
{
	const struct stream_now *now = &stream->state.now;
	const struct payload_meaning *meaning =
	        &stream_type_at(stream, now->index)->meaning;
	struct codec_primary heard = { .payload = packet->payload,
		                       .payload_len = packet->payload_len };
	if (stream->encrypted || meaning->bit_rate_bps)
		return OK;
	if (now->carried &&
	    codec_primary_of_red(packet->payload, packet->payload_len, &heard) != OK)
		return OK;
	const struct codec_mode mode = mode_of(meaning, heard.payload, heard.payload_len);
	if (mode.frame != CODEC_FRAME_SPEECH)
		return OK;
	if (!stream->modes)
		stream->modes = calloc(1, sizeof *stream->modes);
	if (!stream->modes)
		return ERR_NOMEM;
	const struct mode_votes said = {
		.value = meaning->codec == CODEC_OPUS ? mode.audio_hz : mode.bit_rate_bps,
		.codec = meaning->codec,
		.type = now->index,
		.amr_wb_io = mode.amr_wb_io,
	};
	vote(stream->modes, &said);
	return OK;
}

void stream_mode_close_interval(struct stream *stream)
{
	for (unsigned int i = 0; stream->modes && i < stream->modes->count; i++)
		stream->modes->of[i].recent = 0;
}

/* --- the majority --------------------------------------------------------------------- */

/* Of equals the first heard; NULL: nobody voted. */
static const struct mode_votes *majority(const struct stream *stream,
                                         const struct stream_type *type, bool recent)
{
	const struct stream_modes *modes = stream->modes;
	const struct mode_votes *best = NULL;
	uint32_t most = 0;
	if (!modes || stream->encrypted)
		return NULL;
	for (unsigned int i = 0; i < modes->count; i++) {
		const struct mode_votes *mode = &modes->of[i];
		const uint32_t votes = recent ? mode->recent : mode->total;
		if (stream_type_at(stream, mode->type) != type ||
		    mode->codec != type->meaning.codec || votes <= most)
			continue;
		best = mode;
		most = votes;
	}
	return best;
}

static struct codec_variant variant_of(const struct stream_type *type,
                                       const struct mode_votes *heard)
{
	const struct payload_meaning *meaning = &type->meaning;
	struct codec_variant variant = {
		.codec = meaning->codec,
		.bit_rate_bps = meaning->bit_rate_bps,
		.bandwidth = meaning->bandwidth,
		.no_vad = meaning->no_vad,
	};
	if (!heard || meaning->bit_rate_bps)
		return variant;
	if (meaning->codec == CODEC_OPUS)
		variant.bandwidth = codec_bandwidth_of(heard->value);
	else
		variant.bit_rate_bps = heard->value;
	if (heard->amr_wb_io) {
		variant.codec = CODEC_AMR_WB;
		variant.bandwidth = BANDWIDTH_UNKNOWN;
	}
	return variant;
}

struct codec_variant stream_mode_of_all(const struct stream *stream,
                                        const struct stream_type *type)
{
	return variant_of(type, majority(stream, type, false));
}

struct codec_variant stream_mode_of_interval(const struct stream *stream,
                                             const struct stream_type *type)
{
	const struct mode_votes *heard = majority(stream, type, true);
	return heard ? variant_of(type, heard) : stream_mode_of_all(stream, type);
}

/* --- what it costs -------------------------------------------------------------------- */

static bool is_overridden(const struct codec_override *o,
                          const struct codec_variant *variant)
{
	return o->codec == variant->codec &&
	       (!o->bit_rate_bps || o->bit_rate_bps == variant->bit_rate_bps) &&
	       (!o->bandwidth || o->bandwidth == variant->bandwidth);
}

/* What is said of the very mode goes before what is said of the codec. */
static const struct codec_override *find_override(const struct settings *settings,
                                                  const struct codec_variant *variant)
{
	const struct codec_override *best = NULL;
	for (size_t i = 0; i < settings->override_count; i++) {
		const struct codec_override *o = &settings->overrides[i];
		if (is_overridden(o, variant) && (!best || o->bit_rate_bps || o->bandwidth))
			best = o;
	}
	return best;
}

static bool same_variant(const struct codec_variant *a, const struct codec_variant *b)
{
	return a->codec == b->codec && a->bit_rate_bps == b->bit_rate_bps &&
	       a->bandwidth == b->bandwidth && a->no_vad == b->no_vad;
}

static struct stream_rating rate(const struct settings *settings,
                                 const struct codec_variant *variant)
{
	const struct codec_override *o = find_override(settings, variant);
	struct codec_variant used = *variant;
	used.no_plc = settings->no_plc;
	const struct impairment impairment =
	        o ? impairment_configured(o->band, o->ie, o->bpl) : impairment_of(&used);
	return (struct stream_rating){
		.variant = *variant,
		.impairment = impairment,
		.lossless_r = impairment_score(&impairment, 0, 1, NAN).r,
		.mode_assumed =
		        (stream_mode_is_said(variant->codec) || impairment.assumed) &&
		        !variant->bit_rate_bps && !variant->bandwidth && !o,
	};
}

struct stream_rating stream_rating(const struct stream *stream,
                                   const struct settings *settings,
                                   const struct codec_variant *variant)
{
	struct stream_ratings *known = stream->ratings;
	for (uint32_t i = 0; known && i < known->count; i++)
		if (same_variant(&known->list[i].variant, variant))
			return known->list[i];
	const struct stream_rating rating = rate(settings, variant);
	if (!known)
		return rating;
	known->list[known->next] = rating;
	known->next = (known->next + 1) % STREAM_RATINGS;
	known->count += known->count < STREAM_RATINGS;
	return rating;
}
