/*
 * fuzz_audio.c - a stream's payloads: each packet is codec, clock, step of the timestamp
 * and length, then its bytes.
 */
#include "analyzer/quality/audio.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const enum codec codecs[] = { CODEC_PCMU, CODEC_PCMA, CODEC_L16, CODEC_G722 };
static const uint32_t clocks[] = { 8000, 16000, 48000, 44100 };

static bool is_within(double value, double least, double most)
{
	return value >= least && value <= most;
}

/* dBov of L16's lowest value, one beyond full scale: 0.0003. */
static void check_interval(const struct audio_interval *i)
{
	assert(i->heard_s >= 0);
	if (i->heard_s == 0) {
		assert(isnan(i->rms_dbov) && isnan(i->speech_pct));
		return;
	}
	assert(is_within(i->speech_pct, 0, 100) && is_within(i->silence_pct, 0, 100));
	assert(is_within(i->clipping_pct, 0, 100));
	assert(is_within(i->rms_dbov, -127, 0.001) && is_within(i->peak_dbov, -127, 0.001));
	assert(i->rms_dbov <= i->peak_dbov + 0.001);
	assert(isnan(i->level_dbov) ||
	       is_within(i->level_dbov, i->rms_dbov - 0.001, i->peak_dbov));
	assert(i->digits <= i->heard_s / 0.03 + 1);
}

static bool next_packet(struct reader *r, uint32_t *timestamp, struct audio_packet *packet)
{
	const uint8_t kind = read_u8(r);
	const uint16_t step = read_u16(r);
	const uint8_t len = read_u8(r);
	if (r->ran_out)
		return false;
	*timestamp += kind & 0x80 ? (uint32_t)step << 16 : step;
	*packet = (struct audio_packet){
		.payload = take(r, len < r->rest.len ? len : r->rest.len),
		.timestamp = *timestamp,
		.clock_hz = clocks[kind >> 2 & 3],
		.codec = codecs[kind & 3],
	};
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct reader r = reader_of((struct span){ data, len });
	struct audio audio = { 0 };
	struct audio_packet packet;
	struct audio_interval interval;
	struct audio_figures figures;
	uint32_t timestamp = 0;
	double heard_s = 0;
	for (size_t n = 1; next_packet(&r, &timestamp, &packet); n++) {
		audio_take(&audio, &packet);
		if (n % 8)
			continue;
		audio_close_interval(&audio, &interval);
		check_interval(&interval);
		heard_s += interval.heard_s;
	}
	if (!audio_figures(&audio, &figures))
		return 0;
	check_interval(&figures.all);
	assert(figures.all.heard_s >= heard_s - 1e-9 && figures.all.heard_s >= 0.2);
	assert(figures.dead_air_s <= figures.dead_air_total_s);
	assert(figures.dead_air_total_s <= figures.all.heard_s);
	assert((figures.first_digit == NSTIME_NONE) == (figures.all.digits == 0));
	return 0;
}
