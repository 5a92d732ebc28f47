/*
 * Levels follow from amplitudes: a sine of amplitude A, 1 being overload, is
 * 20 log10(A) - 3.01 dBov.  That silence, speech and P.56 come out right in whole streams
 * is tested by tests/audio.
 */
#include "analyzer/quality/audio.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/quality/g711.h"
#include "tests/unit/unit.h"

#define TURN (2 * 3.14159265358979323846)
#define START (INT64_C(1700000000) * NS_PER_SEC)

enum { BYTES = 2048, PACKET_MS = 20 };

/* What sends: a sine, packet by packet. */
struct sender {
	enum codec codec;
	uint32_t clock_hz, timestamp;
	uint64_t sample;
	double hz, amplitude, second_hz; /* of the same amplitude; 0 = none */
	uint32_t ms;                     /* in a packet; 0 is 20 */
	size_t cut;                      /* bytes captured; 0 = all */
	size_t tag;                      /* bytes behind the sound, as of SRTP */
};

/* The code whose value is nearest. */
static uint8_t compress(const int16_t *table, double value)
{
	unsigned int best = 0;
	for (unsigned int i = 1; i < 256; i++)
		if (fabs(table[i] - value) < fabs(table[best] - value))
			best = i;
	return (uint8_t)best;
}

static size_t encode(const struct sender *s, double x, uint8_t *to)
{
	if (s->codec == CODEC_PCMU) {
		to[0] = compress(g711_ulaw, x * G711_ULAW_OVERLOAD);
		return 1;
	}
	if (s->codec == CODEC_PCMA) {
		to[0] = compress(g711_alaw, x * G711_ALAW_OVERLOAD);
		return 1;
	}
	const long value = lround(fmin(fmax(x, -1), 1) * 32767);
	to[0] = (uint8_t)(value >> 8 & 0xff);
	to[1] = (uint8_t)(value & 0xff);
	return 2;
}

static void send(struct audio *audio, struct sender *s)
{
	uint8_t bytes[BYTES];
	size_t len = 0;
	const uint32_t samples = s->clock_hz / 1000 * (s->ms ? s->ms : PACKET_MS);
	for (uint32_t i = 0; i < samples; i++) {
		const double turns = (double)(s->sample + i) / s->clock_hz;
		double x = s->amplitude * sin(TURN * s->hz * turns);
		if (s->second_hz > 0)
			x += s->amplitude * sin(TURN * s->second_hz * turns);
		len += encode(s, x, bytes + len);
		assert_true(len + 2 <= sizeof bytes);
	}
	memset(bytes + len, 0x39, s->tag);
	len += s->tag;
	const struct audio_packet packet = {
		.payload = { bytes, s->cut ? s->cut : len },
		.arrival = START + (nstime)(s->sample * 1000 / s->clock_hz) * NS_PER_MS,
		.timestamp = s->timestamp,
		.clock_hz = s->clock_hz,
		.codec = s->codec,
	};
	audio_take(audio, &packet);
	s->sample += samples;
	s->timestamp += samples;
}

static void send_for(struct audio *audio, struct sender *s, double seconds)
{
	const double packet_s = (s->ms ? s->ms : PACKET_MS) / 1000.0;
	for (double at = 0; at < seconds - packet_s / 2; at += packet_s)
		send(audio, s);
}

static void lose(struct sender *s, uint32_t ms)
{
	const uint32_t samples = s->clock_hz / 1000 * ms;
	s->sample += samples;
	s->timestamp += samples;
}

static void near(const char *what, const char *figure, double value, double expected,
                 double tolerance)
{
	if (!(fabs(value - expected) <= tolerance))
		fail_msg("%s: %s is %g, not %g", what, figure, value, expected);
}

static struct audio_figures figures_of(const struct audio *audio)
{
	struct audio_figures figures;
	assert_true(audio_figures(audio, &figures));
	return figures;
}

static const struct {
	const char *what;
	enum codec codec;
	uint32_t clock_hz;
	double amplitude;
	double tolerance_db; /* the codec's own error */
} levels[] = {
	{ "A-law", CODEC_PCMA, 8000, 0.1, 0.1 },
	{ "A-law, loud", CODEC_PCMA, 8000, 0.9, 0.1 },
	{ "A-law, quiet", CODEC_PCMA, 8000, 0.01, 0.3 },
	{ "mu-law", CODEC_PCMU, 8000, 0.1, 0.1 },
	{ "mu-law, quiet", CODEC_PCMU, 8000, 0.01, 0.3 },
	{ "linear", CODEC_L16, 8000, 0.1, 0.01 },
	{ "linear, quiet", CODEC_L16, 8000, 0.01, 0.01 },
	{ "linear, every other sample", CODEC_L16, 16000, 0.1, 0.01 },
	{ "linear, one of six", CODEC_L16, 48000, 0.1, 0.01 },
};

static void level_of_a_sine(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		struct audio audio = { 0 };
		struct sender s = { .codec = levels[i].codec,
			            .clock_hz = levels[i].clock_hz,
			            .timestamp = UINT32_MAX - 5000, /* it wraps */
			            .hz = 437,
			            .amplitude = levels[i].amplitude };
		send_for(&audio, &s, 10);
		const struct audio_figures f = figures_of(&audio);
		const char *what = levels[i].what;
		const double dbov = 20 * log10(levels[i].amplitude) - 3.0103;
		near(what, "heard", f.all.heard_s, 10, 1e-9);
		near(what, "rms", f.all.rms_dbov, dbov, levels[i].tolerance_db);
		near(what, "speech", f.all.speech_pct, 100, 1);
		near(what, "level", f.all.level_dbov, dbov, levels[i].tolerance_db + 0.05);
		near(what, "peak", f.all.peak_dbov, dbov + 3.0103,
		     levels[i].tolerance_db * 2);
		near(what, "silence", f.all.silence_pct, 0, 1);
		near(what, "clipping", f.all.clipping_pct, 0, 0);
		near(what, "dead air", f.dead_air_s, 0, 0);
	}
}

/* RFC 6464: a square wave at the largest amplitude is 0 dBov, all of it at full scale. */
static void overload(void **state)
{
	(void)state;
	static const uint8_t codes[][2] = { { 0xaa, 0x2a }, { 0x80, 0x00 } };
	static const enum codec codecs[] = { CODEC_PCMA, CODEC_PCMU };
	for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
		uint8_t bytes[160];
		for (size_t n = 0; n < sizeof bytes; n++)
			bytes[n] = codes[i][n / 4 % 2];
		struct audio audio = { 0 };
		for (uint32_t n = 0; n < 100; n++)
			audio_take(&audio, &(struct audio_packet){ { bytes, sizeof bytes },
			                                           START,
			                                           n * 160,
			                                           8000,
			                                           codecs[i] });
		const struct audio_figures f = figures_of(&audio);
		near("square", "rms", f.all.rms_dbov, 0, 1e-4);
		near("square", "peak", f.all.peak_dbov, 0, 1e-6);
		near("square", "clipping", f.all.clipping_pct, 100, 0);
	}
}

/* A sine twice too large is at full scale for 1 - 2 asin(1/2) 2/pi = 2/3 of the time. */
static void clipping(void **state)
{
	(void)state;
	static const enum codec codecs[] = { CODEC_PCMA, CODEC_PCMU, CODEC_L16 };
	for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
		struct audio audio = { 0 };
		struct sender s = {
			.codec = codecs[i], .clock_hz = 8000, .hz = 437, .amplitude = 2
		};
		send_for(&audio, &s, 10);
		const struct audio_figures f = figures_of(&audio);
		/* G.711's last decision values are 3968 of 4032, 7903 of 8031. */
		const double share = codecs[i] == CODEC_L16 ? 66.67 : 67.25;
		near("clipped sine", "clipping", f.all.clipping_pct, share, 0.1);
	}
}

/* The codes of silence: A-law's smallest value is 8 of 32256, mu-law has a zero. */
static void silence(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct audio audio = { 0 };
		struct sender s = { .codec = i ? CODEC_PCMU : CODEC_PCMA,
			            .clock_hz = 8000 };
		send_for(&audio, &s, 12);
		const struct audio_figures f = figures_of(&audio);
		near("silence", "rms", f.all.rms_dbov, i ? -127 : 20 * log10(1 / 4032.0),
		     1e-6);
		near("silence", "silence", f.all.silence_pct, 100, 0);
		near("silence", "speech", f.all.speech_pct, 0, 0);
		near("silence", "dead air", f.dead_air_s, 12, 0);
		assert_true(isnan(f.all.level_dbov));
		assert_true(f.first_digit == NSTIME_NONE);
	}
}

/*
 * A run of silence begins when the envelope has fallen from 0.14 * 2 / pi to 1 / 256.  Two
 * averages of T = 30 ms leave (1 + t/T) exp(-t/T): t is 147 ms.
 */
static const struct {
	const char *what;
	double before_s;
	uint32_t lost_ms; /* between the two */
	double after_s;
	double longest_s, total_s;
} runs[] = {
	{ "4.5 s are none", 4.5, 0, 0, 0, 0 },
	{ "6 s", 6, 0, 0, 5.853, 5.853 },
	{ "a lost packet does not end it, nor count", 4, 20, 4, 7.853, 7.853 },
	{ "five of them, too", 4, 100, 4, 7.853, 7.853 },
	{ "a word may be in 120 ms", 4, 120, 4, 0, 0 },
	{ "two of them", 6, 500, 7, 7, 12.853 },
};

static void dead_air(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		struct audio audio = { 0 };
		struct sender s = {
			.codec = CODEC_PCMA, .clock_hz = 8000, .hz = 437, .amplitude = 0.14
		};
		send_for(&audio, &s, 3);
		s.amplitude = 0;
		send_for(&audio, &s, runs[i].before_s);
		lose(&s, runs[i].lost_ms);
		send_for(&audio, &s, runs[i].after_s);
		s.amplitude = 0.14;
		send_for(&audio, &s, 3);
		const struct audio_figures f = figures_of(&audio);
		near(runs[i].what, "longest", f.dead_air_s, runs[i].longest_s, 0.01);
		near(runs[i].what, "total", f.dead_air_total_s, runs[i].total_s, 0.01);
	}
}

/* Two intervals, loud and quiet; the whole is the mean of their powers. */
static void intervals(void **state)
{
	(void)state;
	struct audio audio = { 0 };
	struct sender s = {
		.codec = CODEC_L16, .clock_hz = 8000, .hz = 437, .amplitude = 0.2
	};
	struct audio_interval one;
	struct audio_interval two;
	struct audio_interval none;
	send_for(&audio, &s, 5);
	audio_close_interval(&audio, &one);
	s.amplitude = 0.05;
	s.second_hz = 0;
	send_for(&audio, &s, 4);
	s.hz = 697;
	s.second_hz = 1209;
	send_for(&audio, &s, 0.1);
	s.hz = 437;
	s.second_hz = 0;
	send_for(&audio, &s, 0.9);
	audio_close_interval(&audio, &two);
	audio_close_interval(&audio, &none);
	near("first", "heard", one.heard_s, 5, 1e-9);
	near("first", "rms", one.rms_dbov, 20 * log10(0.2) - 3.01, 0.01);
	near("first", "peak", one.peak_dbov, 20 * log10(0.2), 0.01);
	near("second", "peak", two.peak_dbov, 20 * log10(0.1), 0.2);
	near("second", "rms", two.rms_dbov,
	     10 * log10((4.9 * 0.05 * 0.05 + 0.1 * 2 * 0.05 * 0.05) / 5 / 2), 0.02);
	assert_int_equal(one.digits, 0);
	assert_int_equal(two.digits, 1);
	assert_true(none.heard_s == 0 && isnan(none.rms_dbov) && isnan(none.speech_pct));
	const struct audio_figures f = figures_of(&audio);
	near("all", "heard", f.all.heard_s, 10, 1e-9);
	near("all", "rms", f.all.rms_dbov,
	     10 * log10((pow(10, one.rms_dbov / 10) + pow(10, two.rms_dbov / 10)) / 2),
	     1e-6);
	assert_int_equal(f.all.digits, 1);
}

/* Digits of 100 ms; the first is told with the packet in which it is sure. */
static void digits(void **state)
{
	(void)state;
	struct audio audio = { 0 };
	struct sender s = { .codec = CODEC_PCMU, .clock_hz = 8000 };
	send_for(&audio, &s, 2);
	for (size_t i = 0; i < 3; i++) {
		s.amplitude = 0.1;
		s.hz = 941;
		s.second_hz = 1336;
		send_for(&audio, &s, 0.1);
		s.amplitude = 0;
		send_for(&audio, &s, 0.1);
	}
	const struct audio_figures f = figures_of(&audio);
	assert_int_equal(f.all.digits, 3);
	assert_true(f.first_digit > START + 2 * NS_PER_SEC);
	assert_true(f.first_digit <= START + 2 * NS_PER_SEC + 60 * NS_PER_MS);
}

static void fax(void **state)
{
	(void)state;
	struct audio audio = { 0 };
	struct sender s = { .codec = CODEC_PCMA, .clock_hz = 8000, .hz = 1100 };
	send_for(&audio, &s, 1);
	s.amplitude = 0.1;
	send_for(&audio, &s, 0.5);
	s.amplitude = 0;
	send_for(&audio, &s, 3);
	assert_int_equal(figures_of(&audio).fax, FAX_TONE_CNG);
}

/* Of each packet its first 60 ms; the rest is not known, so a digit across it is none. */
static void bounded_sample(void **state)
{
	(void)state;
	struct audio audio = { 0 };
	struct sender s = { .codec = CODEC_PCMU,
		            .clock_hz = 8000,
		            .hz = 437,
		            .amplitude = 0.1,
		            .ms = 100 };
	send_for(&audio, &s, 10);
	near("long packets", "heard", figures_of(&audio).all.heard_s, 6, 1e-9);
	struct audio short_ones = { 0 };
	s.ms = 0;
	s.cut = 80;
	send_for(&short_ones, &s, 10);
	const struct audio_figures f = figures_of(&short_ones);
	near("cut short", "heard", f.all.heard_s, 5, 1e-9);
	near("cut short", "rms", f.all.rms_dbov, -23.01, 0.1);
}

/* What comes twice or late changes nothing. */
static void copies_and_latecomers(void **state)
{
	(void)state;
	struct audio audio = { 0 };
	struct sender s = {
		.codec = CODEC_L16, .clock_hz = 8000, .hz = 437, .amplitude = 0.1
	};
	for (size_t i = 0; i < 100; i++) {
		struct sender copy = s;
		struct sender loud = s;
		send(&audio, &s);
		send(&audio, &copy);
		loud.amplitude = 1;
		loud.timestamp -= 160;
		if (i % 10 == 5)
			send(&audio, &loud);
	}
	const struct audio_figures f = figures_of(&audio);
	near("copies", "heard", f.all.heard_s, 2, 1e-9);
	near("copies", "peak", f.all.peak_dbov, -20, 0.01);
}

/* A timestamp far back is a new beginning. */
static void restart(void **state)
{
	(void)state;
	struct audio audio = { 0 };
	struct sender s = { .codec = CODEC_L16,
		            .clock_hz = 8000,
		            .timestamp = 1000000,
		            .hz = 437,
		            .amplitude = 0.1 };
	send_for(&audio, &s, 1);
	s.timestamp = 5000;
	send_for(&audio, &s, 1);
	s.clock_hz = 16000; /* and another clock */
	send_for(&audio, &s, 1);
	near("restart", "heard", figures_of(&audio).all.heard_s, 3, 1e-9);
}

/* Nothing is said of what is not sound, or too little. */
static void not_known(void **state)
{
	(void)state;
	struct audio_figures f;
	struct audio audio = { 0 };
	struct sender s = { .codec = CODEC_PCMA,
		            .clock_hz = 8000,
		            .hz = 437,
		            .amplitude = 0.1,
		            .tag = 10 };
	send_for(&audio, &s, 10);
	assert_false(audio_figures(&audio, &f)); /* SRTP that nobody announced */

	struct audio frozen = { 0 };
	s.tag = 0;
	for (size_t i = 0; i < 100; i++) {
		s.timestamp = 160;
		send(&frozen, &s);
	}
	assert_false(audio_figures(&frozen, &f));

	struct audio brief = { 0 };
	send_for(&brief, &s, 0.18);
	assert_false(audio_figures(&brief, &f));
	send_for(&brief, &s, 0.02);
	assert_true(audio_figures(&brief, &f));

	struct audio other = { 0 };
	s.codec = CODEC_G722;
	s.clock_hz = 8000;
	send_for(&other, &s, 1);
	assert_int_equal(other.begun, false);
}

static const struct {
	enum codec codec;
	uint32_t clock_hz;
	bool decodes;
} decodables[] = {
	{ CODEC_PCMU, 8000, true },     { CODEC_PCMA, 8000, true },
	{ CODEC_L16, 16000, true },     { CODEC_L16, 44100, false },
	{ CODEC_L16, 0, false },        { CODEC_G722, 8000, false },
	{ CODEC_UNKNOWN, 8000, false }, { CODEC_G729, 8000, false },
};

static void what_it_decodes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(decodables); i++)
		assert_int_equal(audio_decodes(decodables[i].codec, decodables[i].clock_hz),
		                 decodables[i].decodes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(level_of_a_sine), cmocka_unit_test(overload),
		cmocka_unit_test(clipping),        cmocka_unit_test(silence),
		cmocka_unit_test(dead_air),        cmocka_unit_test(intervals),
		cmocka_unit_test(digits),          cmocka_unit_test(fax),
		cmocka_unit_test(bounded_sample),  cmocka_unit_test(copies_and_latecomers),
		cmocka_unit_test(restart),         cmocka_unit_test(not_known),
		cmocka_unit_test(what_it_decodes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
