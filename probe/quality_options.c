#include "probe/quality_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_IE 150.0 /* more than the whole scale of any band */
#define LEAST_BPL 0.1
#define MOST_BPL 1000.0
#define LEAST_INTERVAL_S 1.0
#define MOST_INTERVAL_S 60.0

enum { MOST_CLOCK_HZ = 384000, MOST_BUFFER_MS = 10000, MODES_PER_CODEC = 12 };

/* bit/s as the records have them; of Opus the audio bandwidth in Hz. */
static const struct {
	enum codec codec;
	uint32_t modes[MODES_PER_CODEC];
} modes_of[] = {
	{ CODEC_AMR, { 4750, 5150, 5900, 6700, 7400, 7950, 10200, 12200 } },
	{ CODEC_AMR_WB, { 6600, 8850, 12650, 14250, 15850, 18250, 19850, 23050, 23850 } },
	{ CODEC_EVS,
	  { 2800, 7200, 8000, 9600, 13200, 16400, 24400, 32000, 48000, 64000, 96000,
	    128000 } },
	{ CODEC_OPUS, { 4000, 6000, 8000, 12000, 20000 } },
	{ CODEC_G723, { 5300, 6300 } },
	{ CODEC_G7221, { 24000, 32000 } },
	{ CODEC_ILBC, { 13330, 15200 } },
};

/* --- codecs --------------------------------------------------------------------------- */

static bool refuse_mode(enum codec codec, struct text mode, struct option_error *error)
{
	char list[MODES_PER_CODEC * 8] = "none: it has no modes";
	for (size_t i = 0; i < ARRAY_LEN(modes_of); i++) {
		size_t used = 0;
		for (size_t m = 0; modes_of[i].codec == codec && m < MODES_PER_CODEC &&
		                   modes_of[i].modes[m];
		     m++)
			used += (size_t)snprintf(list + used, sizeof list - used, "%s%u",
			                         m ? " " : "", modes_of[i].modes[m]);
	}
	return option_refuse(error, "'%.*s' is no mode of %s; those are %s", (int)mode.len,
	                     mode.at, codec_name(codec), list);
}

static bool has_mode(enum codec codec, uint64_t value)
{
	for (size_t i = 0; i < ARRAY_LEN(modes_of); i++)
		for (size_t m = 0; modes_of[i].codec == codec && m < MODES_PER_CODEC; m++)
			if (modes_of[i].modes[m] && modes_of[i].modes[m] == value)
				return true;
	return false;
}

/* "AMR", "speex/16000", "AMR:12200". */
static bool read_codec(struct text what, struct codec_override *out,
                       struct option_error *error)
{
	const bool with_mode = text_find(what, ':') < what.len;
	struct text clock = text_cut(&what, ':');
	const struct text mode = what;
	const struct text name = text_cut(&clock, '/');
	uint64_t clock_hz = 0, value;
	if (clock.len && text_number(clock, MOST_CLOCK_HZ, &clock_hz) != OK)
		return option_refuse(error, "'%.*s' is no clock of at most %d Hz",
		                     (int)clock.len, clock.at, MOST_CLOCK_HZ);
	out->codec = codec_by_name(name, (uint32_t)clock_hz);
	out->band = codec_info(out->codec)->band;
	if (out->band == BAND_NONE)
		return option_refuse(error, "'%.*s' is no audio codec we know",
		                     (int)name.len, name.at);
	if (!with_mode)
		return true;
	if (text_number(mode, UINT32_MAX, &value) != OK || !has_mode(out->codec, value))
		return refuse_mode(out->codec, mode, error);
	if (out->codec == CODEC_OPUS)
		out->bandwidth = codec_bandwidth_of((uint32_t)value);
	else
		out->bit_rate_bps = (uint32_t)value;
	return true;
}

/* "11,20" or "11,20,fb". */
static bool read_figures(const char *text, struct codec_override *out,
                         struct option_error *error)
{
	char *end;
	out->ie = strtod(text, &end);
	if (end == text || *end != ',' || !(out->ie >= 0 && out->ie <= MOST_IE))
		return option_refuse(
		        error, "'%s' does not begin with an Ie of 0 to %g and a comma",
		        text, MOST_IE);
	const char *bpl = end + 1;
	out->bpl = strtod(bpl, &end);
	if (end == bpl || (*end && *end != ',') ||
	    !(out->bpl >= LEAST_BPL && out->bpl <= MOST_BPL))
		return option_refuse(error, "'%s' does not begin with a Bpl of %g to %g",
		                     bpl, LEAST_BPL, MOST_BPL);
	if (*end == '\0')
		return true;
	out->band = band_by_name(text_from(end + 1));
	if (out->band == BAND_NONE)
		return option_refuse(error, "'%s' is no band; those are nb, wb, fb",
		                     end + 1);
	return true;
}

static struct codec_override *place_for(struct settings *settings,
                                        const struct codec_override *given)
{
	for (size_t i = 0; i < settings->override_count; i++) {
		struct codec_override *o = &settings->overrides[i];
		if (o->codec == given->codec && o->bit_rate_bps == given->bit_rate_bps &&
		    o->bandwidth == given->bandwidth)
			return o;
	}
	if (settings->override_count == LIMIT_CODEC_OVERRIDES)
		return NULL;
	return &settings->overrides[settings->override_count++];
}

bool quality_set_codec(struct settings *settings, const char *argument,
                       struct option_error *error)
{
	struct codec_override given = { .codec = CODEC_UNKNOWN };
	const char *equals = strchr(argument, '=');
	if (!equals)
		return option_refuse(error,
		                     "'%s' is not NAME=IE,BPL[,BAND], such as "
		                     "opus=11,20,fb",
		                     argument);
	const struct text what = { argument, (size_t)(equals - argument) };
	if (!read_codec(what, &given, error) || !read_figures(equals + 1, &given, error))
		return false;
	struct codec_override *place = place_for(settings, &given);
	if (!place)
		return option_refuse(error, "at most %d of them", LIMIT_CODEC_OVERRIDES);
	*place = given;
	return true;
}

/* --- buffers and intervals ------------------------------------------------------------ */

static bool read_ms(struct text text, double *out)
{
	uint64_t ms;
	if (text_number(text, MOST_BUFFER_MS, &ms) != OK || ms == 0)
		return false;
	*out = (double)ms;
	return true;
}

bool quality_set_buffers(struct settings *settings, const char *argument,
                         struct option_error *error)
{
	struct text rest = text_from(argument);
	const struct text first = text_cut(&rest, ',');
	const struct text second = text_cut(&rest, ',');
	const struct text least = text_cut(&rest, '-');
	struct playout_sizes sizes = { .start_ms = settings->playout.start_ms };
	if (!read_ms(first, &sizes.fixed_ms[0]) || !read_ms(second, &sizes.fixed_ms[1]) ||
	    !read_ms(least, &sizes.least_ms) || !read_ms(rest, &sizes.most_ms) ||
	    sizes.fixed_ms[0] >= sizes.fixed_ms[1] || sizes.least_ms >= sizes.most_ms)
		return option_refuse(error,
		                     "'%s' is not FIXED,FIXED,LEAST-MOST, both "
		                     "rising, in ms of 1 to %d, such as 50,200,20-500",
		                     argument, MOST_BUFFER_MS);
	sizes.start_ms = fmin(fmax(sizes.start_ms, sizes.least_ms), sizes.most_ms);
	settings->playout = sizes;
	return true;
}

bool quality_set_interval(struct settings *settings, const char *argument,
                          struct option_error *error)
{
	char *end;
	const double seconds = strtod(argument, &end);
	const double ms = round(seconds * 1000);
	if (end == argument || *end ||
	    !(seconds >= LEAST_INTERVAL_S && seconds <= MOST_INTERVAL_S) ||
	    fabs(seconds * 1000 - ms) > 1e-6)
		return option_refuse(error, "'%s' is no time of %g to %g s in whole ms",
		                     argument, LEAST_INTERVAL_S, MOST_INTERVAL_S);
	settings->interval = (nstime)ms * NS_PER_MS;
	return true;
}

/* --- as text -------------------------------------------------------------------------- */

static size_t describe_override(const struct codec_override *o, char *to, size_t size)
{
	const uint32_t mode =
	        o->bit_rate_bps ? o->bit_rate_bps : codec_bandwidth_hz(o->bandwidth);
	const int wrote = snprintf(to, size, "%s/%u:%u=%.9g,%.9g,%s;", codec_name(o->codec),
	                           codec_info(o->codec)->clock_hz, mode, o->ie, o->bpl,
	                           band_name(o->band));
	return wrote > 0 ? (size_t)wrote : 0;
}

void quality_describe(const struct settings *settings, char *to, size_t size)
{
	const struct playout_sizes *p = &settings->playout;
	size_t used =
	        (size_t)snprintf(to, size,
	                         "interval=%g jitter-buffers=%g,%g,%g-%g no-plc=%d "
	                         "codec=",
	                         ns_to_s(settings->interval), p->fixed_ms[0],
	                         p->fixed_ms[1], p->least_ms, p->most_ms, settings->no_plc);
	for (size_t i = 0; i < settings->override_count && used < size; i++)
		used += describe_override(&settings->overrides[i], to + used, size - used);
}
