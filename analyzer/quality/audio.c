#include "analyzer/quality/audio.h"

#include <math.h>

#include "analyzer/base/status.h"
#include "analyzer/quality/g711.h"

enum {
	SAMPLES_PER_MS = TONES_HZ / 1000,
	HANGOVER_MS = 200,            /* P.56: H */
	LEAST_SAMPLES = TONES_HZ / 5, /* heard, for figures */
	LATE_PART = 4, /* misfit when a late sample comes with so many others */
	DEAD_AIR_MS = AUDIO_DEAD_AIR_S * 1000,
	RESTART_S = 1, /* timestamps that go back by more begin anew */
	L16_OVERLOAD = 32767,
	L16_BYTES = 2,
};

#define SMOOTHING 0.995842002F  /* P.56: g = exp(-1 / (8000 Hz * 0.03 s)) */
#define MARGIN_DB 15.9          /* P.56: M */
#define INAUDIBLE_DBOV (-127.0) /* RFC 6465 section 3 */

/* P.56: c, 6 dB apart, against the envelope; the lowest is -48.2 dBov. */
static const float thresholds[AUDIO_THRESHOLDS] = {
	1 / 256.0F, 1 / 128.0F, 1 / 64.0F, 1 / 32.0F,
	1 / 16.0F,  1 / 8.0F,   1 / 4.0F,  1 / 2.0F,
};

/* --- payload to samples --------------------------------------------------------------- */

bool audio_decodes(enum codec codec, uint32_t clock_hz)
{
	return clock_hz != 0 && clock_hz % TONES_HZ == 0 &&
	       (codec == CODEC_PCMU || codec == CODEC_PCMA || codec == CODEC_L16);
}

static size_t bytes_of(enum codec codec)
{
	return codec == CODEC_L16 ? L16_BYTES : 1;
}

/* Amplitude 1 is overload; L16 has one value beyond. */
static float decode(struct reader *r, enum codec codec)
{
	if (codec == CODEC_PCMU)
		return (float)g711_ulaw[read_u8(r)] / (float)G711_ULAW_OVERLOAD;
	if (codec == CODEC_PCMA)
		return (float)g711_alaw[read_u8(r)] / (float)G711_ALAW_OVERLOAD;
	return (float)(int16_t)read_u16(r) / (float)L16_OVERLOAD;
}

/* Every n-th sample, so that 8000 make a second. */
static size_t decode_payload(const struct audio_packet *packet, float *samples)
{
	const size_t skipped = (packet->clock_hz / TONES_HZ - 1) * bytes_of(packet->codec);
	struct reader r = reader_of(packet->payload);
	size_t count = 0;
	while (count < AUDIO_MAX_SAMPLES) {
		const float sample = decode(&r, packet->codec);
		take(&r, skipped);
		if (r.ran_out)
			break;
		samples[count++] = sample;
	}
	return count;
}

/* --- level and activity --------------------------------------------------------------- */

static void follow_silence(struct audio *a)
{
	if (a->envelope >= thresholds[0]) {
		a->quiet_ms = 0;
		return;
	}
	a->quiet_ms++;
	if (a->quiet_ms < DEAD_AIR_MS)
		return;
	a->dead_air_total_ms += a->quiet_ms == DEAD_AIR_MS ? DEAD_AIR_MS : 1;
	if (a->quiet_ms > a->dead_air_ms)
		a->dead_air_ms = a->quiet_ms;
}

static void end_ms(struct audio *a)
{
	a->in_ms = 0;
	for (size_t i = 0; i < AUDIO_THRESHOLDS; i++) {
		if (a->envelope >= thresholds[i]) {
			a->hangover_ms[i] = HANGOVER_MS;
			a->interval.active_ms[i]++;
		} else if (a->hangover_ms[i] > 0) {
			a->hangover_ms[i]--;
			a->interval.active_ms[i]++;
		} else if (i == 0) {
			a->interval.silent_ms++;
		}
	}
	follow_silence(a);
}

static void measure(struct audio *a, const float *samples, size_t count)
{
	float energy = 0;
	for (size_t i = 0; i < count; i++) {
		const float size = fabsf(samples[i]);
		energy += size * size;
		a->interval.peak = size > a->interval.peak ? size : a->interval.peak;
		a->interval.clipped += size >= 1;
		a->average = SMOOTHING * a->average + (1 - SMOOTHING) * size;
		a->envelope = SMOOTHING * a->envelope + (1 - SMOOTHING) * a->average;
		if (++a->in_ms == SAMPLES_PER_MS)
			end_ms(a);
	}
	a->interval.energy += (double)energy;
	a->interval.samples += count;
}

/* --- time ----------------------------------------------------------------------------- */

/* So many ms are unknown.  audio_take finds gaps between timestamps by itself. */
static void audio_gap(struct audio *audio, uint32_t ms)
{
	tones_gap(&audio->tones, ms);
	if (ms <= AUDIO_BRIDGED_MS)
		return;
	audio->average = audio->envelope = 0;
	audio->quiet_ms = 0;
	for (size_t i = 0; i < AUDIO_THRESHOLDS; i++)
		audio->hangover_ms[i] = 0;
}

static uint32_t ms_of(uint64_t ticks, uint32_t clock_hz)
{
	return (uint32_t)((ticks * 1000 + clock_hz - 1) / clock_hz);
}

/* Does the packet follow those before?  Tells of the gap if there is one. */
static bool follows(struct audio *a, const struct audio_packet *packet, size_t samples)
{
	if (!a->begun)
		return true;
	if (packet->timestamp == a->timestamp)
		return false; /* a copy */
	const uint32_t ahead = packet->timestamp - a->next_timestamp;
	const uint32_t behind = a->next_timestamp - packet->timestamp;
	if (packet->clock_hz != a->clock_hz)
		audio_gap(a, AUDIO_BRIDGED_MS + 1);
	else if (ahead > INT32_MAX && behind <= RESTART_S * packet->clock_hz) {
		a->late += samples;
		return false;
	} else if (ahead > 0)
		audio_gap(a, ms_of(ahead, packet->clock_hz));
	return true;
}

void audio_take(struct audio *audio, const struct audio_packet *packet)
{
	float samples[AUDIO_MAX_SAMPLES];
	if (!audio_decodes(packet->codec, packet->clock_hz))
		return;
	const size_t count = decode_payload(packet, samples);
	if (count == 0 || !follows(audio, packet, count))
		return;
	const uint32_t ticks = (uint32_t)count * (packet->clock_hz / TONES_HZ);
	audio->begun = true;
	audio->timestamp = packet->timestamp;
	audio->next_timestamp = packet->timestamp + ticks;
	audio->clock_hz = packet->clock_hz;
	measure(audio, samples, count);
	const uint32_t digits = audio->tones.digits;
	tones_take(&audio->tones, samples, count);
	if (digits == 0 && audio->tones.digits > 0)
		audio->first_digit = packet->arrival;
}

/* --- figures -------------------------------------------------------------------------- */

static double dbov(double power)
{
	return power > 0 ? fmax(10 * log10(power), INAUDIBLE_DBOV) : INAUDIBLE_DBOV;
}

static double pct(double part, double whole)
{
	return 100 * part / whole;
}

/*
 * Level of what was active by that threshold.  A ms counts where it ends: of an interval of
 * a few samples no more than there are.
 */
static double active_dbov(const struct audio_sums *s, size_t i)
{
	const uint64_t samples = s->active_ms[i] * SAMPLES_PER_MS;
	return dbov(s->energy / (double)(samples < s->samples ? samples : s->samples));
}

static double excess_db(const struct audio_sums *s, size_t i)
{
	return active_dbov(s, i) - 20 * log10((double)thresholds[i]);
}

/* P.56 method B: where the excess is the margin, on a straight line; NAN: never active. */
static double speech_dbov(const struct audio_sums *s)
{
	size_t i = 0;
	if (s->active_ms[i] == 0)
		return NAN;
	while (i + 1 < AUDIO_THRESHOLDS && s->active_ms[i + 1] > 0 &&
	       excess_db(s, i + 1) > MARGIN_DB)
		i++;
	const double above = excess_db(s, i) - MARGIN_DB;
	if (above <= 0 || i + 1 == AUDIO_THRESHOLDS || s->active_ms[i + 1] == 0)
		return active_dbov(s, i);
	const double fall = excess_db(s, i) - excess_db(s, i + 1);
	return active_dbov(s, i) +
	       (active_dbov(s, i + 1) - active_dbov(s, i)) * above / fall;
}

static struct audio_interval interval_of(const struct audio_sums *s, uint32_t digits)
{
	const double samples = (double)s->samples;
	struct audio_interval out = { .heard_s = samples / TONES_HZ, .digits = digits };
	if (s->samples == 0) {
		out.speech_pct = out.silence_pct = out.clipping_pct = NAN;
		out.level_dbov = out.rms_dbov = out.peak_dbov = NAN;
		return out;
	}
	out.rms_dbov = dbov(s->energy / samples);
	out.peak_dbov = dbov((double)s->peak * (double)s->peak);
	/* The envelope lags: of a sound that has just begun too little is active yet. */
	out.level_dbov = isnan(speech_dbov(s)) ? NAN : fmin(speech_dbov(s), out.peak_dbov);
	out.clipping_pct = pct((double)s->clipped, samples);
	out.silence_pct = pct((double)(s->silent_ms * SAMPLES_PER_MS), samples);
	out.speech_pct = isnan(out.level_dbov)
	                         ? 0
	                         : pct(pow(10, (out.rms_dbov - out.level_dbov) / 10), 1);
	out.speech_pct = fmin(out.speech_pct, 100);
	out.silence_pct = fmin(out.silence_pct, 100);
	return out;
}

static void add_sums(struct audio_sums *to, const struct audio_sums *more)
{
	to->samples += more->samples;
	to->clipped += more->clipped;
	to->energy += more->energy;
	to->silent_ms += more->silent_ms;
	to->peak = more->peak > to->peak ? more->peak : to->peak;
	for (size_t i = 0; i < AUDIO_THRESHOLDS; i++)
		to->active_ms[i] += more->active_ms[i];
}

void audio_close_interval(struct audio *audio, struct audio_interval *out)
{
	*out = interval_of(&audio->interval, audio->tones.digits - audio->digits_before);
	audio->digits_before = audio->tones.digits;
	add_sums(&audio->closed, &audio->interval);
	audio->interval = (struct audio_sums){ 0 };
}

bool audio_figures(const struct audio *audio, struct audio_figures *out)
{
	struct audio_sums sums = audio->closed;
	add_sums(&sums, &audio->interval);
	if (sums.samples < LEAST_SAMPLES || audio->late * LATE_PART > sums.samples)
		return false;
	*out = (struct audio_figures){
		.all = interval_of(&sums, audio->tones.digits),
		.dead_air_s = (double)audio->dead_air_ms / 1000,
		.dead_air_total_s = (double)audio->dead_air_total_ms / 1000,
		.first_digit = audio->tones.digits ? audio->first_digit : NSTIME_NONE,
		.fax = audio->tones.fax,
	};
	return true;
}
