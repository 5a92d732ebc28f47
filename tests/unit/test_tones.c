/*
 * Limits: ITU-T Q.24 table A-1, values of AT&T; ITU-T T.30 section 4.  Signals are sums of
 * sines, made here.
 */
#include "analyzer/quality/tones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define TURN (2 * 3.14159265358979323846)

enum { STARTS = 16, MOST_SAMPLES = 8000 * 5 };

static const double lows[] = { 697, 770, 852, 941 };
static const double highs[] = { 1209, 1336, 1477, 1633 };

struct line {
	struct tones tones;
	uint64_t seed;
	double noise; /* amplitude; uniform */
	double at_s;  /* phases run on */
};

/* So many ms of two sines, levels in dBov; at 0 Hz of nothing. */
static void sound(struct line *line, double ms, const double hz[2], const double dbov[2])
{
	float samples[MOST_SAMPLES];
	const size_t count = (size_t)lround(ms * 8);
	assert_true(count <= MOST_SAMPLES);
	for (size_t i = 0; i < count; i++) {
		double x = line->noise * (disorder_below(&line->seed, 20001) / 10000.0 - 1);
		for (size_t tone = 0; tone < 2; tone++)
			if (hz[tone] > 0)
				x += pow(10, dbov[tone] / 20) * sqrt(2) *
				     sin(TURN * hz[tone] * line->at_s + (double)tone);
		line->at_s += 1 / 8000.0;
		samples[i] = (float)x;
	}
	/* In pieces, as packets come. */
	for (size_t done = 0; done < count; done += 160)
		tones_take(&line->tones, samples + done,
		           count - done < 160 ? count - done : 160);
}

static void quiet(struct line *line, double ms)
{
	sound(line, ms, (const double[2]){ 0, 0 }, (const double[2]){ 0, 0 });
}

static const double medium[2] = { -20, -20 };

/* 0, or a part of the 10 ms from the begin of one window to that of the next. */
static double start_ms(unsigned int n)
{
	const unsigned int start = n / 16;
	return start * 10.0 / STARTS;
}

/* What a digit must be like, and must not. */
static const struct {
	const char *what;
	double low_off_pct, high_off_pct; /* frequencies */
	double low_dbov, high_dbov;
	double ms;
	double noise_db; /* below the signal; 0 = none */
	bool heard;
} limits[] = {
	{ "a digit", 0, 0, -20, -20, 50, 0, true },
	{ "1.5 % high", 1.5, 1.5, -20, -20, 60, 0, true },
	{ "1.5 % low", -1.5, -1.5, -20, -20, 60, 0, true },
	{ "low group 3.5 % high", 3.5, 0, -20, -20, 100, 0, false },
	{ "low group 3.5 % low", -3.5, 0, -20, -20, 100, 0, false },
	{ "high group 3.5 % high", 0, 3.5, -20, -20, 100, 0, false },
	{ "high group 3.5 % low", 0, -3.5, -20, -20, 100, 0, false },
	{ "high group 4 dB up", 0, 0, -20, -16, 50, 0, true },
	{ "high group 8 dB down", 0, 0, -16, -24, 50, 0, true },
	{ "both at once, at the edge of frequency", 1.5, -1.5, -16, -24, 60, 0, true },
	{ "high group 7 dB up", 0, 0, -20, -13, 100, 0, false },
	{ "high group 11 dB down", 0, 0, -13, -24, 100, 0, false },
	{ "40 ms", 0, 0, -20, -20, 40, 0, true },
	{ "40 ms, 1.5 % off, 8 dB of twist", 1.5, 1.5, -16, -24, 40, 0, true },
	{ "23 ms", 0, 0, -20, -20, 23, 0, false },
	{ "24 ms", 0, 0, -20, -20, 24, 0, false },
	{ "-25 dBm0 a tone", 0, 0, -31.15, -31.15, 50, 0, true },
	{ "-55 dBm0 a tone", 0, 0, -61.15, -61.15, 100, 0, false },
	{ "0 dBm0 a tone", 0, 0, -6.15, -6.15, 50, 0, true },
	{ "noise 15 dB below", 0, 0, -20, -20, 60, 15, true },
	{ "noise as loud as the digit", 0, 0, -20, -20, 60, 0.01, false },
	{ "one tone of two", 0, 0, -20, -90, 100, 0, false },
};

static void digits_within_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		for (unsigned int n = 0; n < 16 * STARTS; n++) {
			const double hz[2] = {
				lows[n % 4] * (1 + limits[i].low_off_pct / 100),
				highs[n / 4 % 4] * (1 + limits[i].high_off_pct / 100),
			};
			const double dbov[2] = { limits[i].low_dbov, limits[i].high_dbov };
			struct line line = { .seed = n + 1 };
			const double power = pow(10, dbov[0] / 10) + pow(10, dbov[1] / 10);
			if (limits[i].noise_db > 0)
				line.noise =
				        sqrt(3 * power * pow(10, -limits[i].noise_db / 10));
			quiet(&line, 100 + start_ms(n));
			sound(&line, limits[i].ms, hz, dbov);
			quiet(&line, 100);
			if (line.tones.digits != limits[i].heard)
				fail_msg("%s: %g + %g Hz, start %u: %u digits",
				         limits[i].what, hz[0], hz[1], n / 16,
				         line.tones.digits);
		}
}

/* Digit, pause, the same digit. */
static const struct {
	const char *what;
	double first_ms, pause_ms, second_ms;
	uint32_t digits;
} pauses[] = {
	{ "a break of 10 ms is none", 50, 10, 50, 1 },
	{ "after 40 ms it is another", 50, 40, 50, 2 },
	{ "the shortest of both", 40, 40, 40, 2 },
	{ "a long one is one", 1000, 0, 1000, 1 },
};

static void pauses_between(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pauses); i++)
		for (unsigned int n = 0; n < 16 * STARTS; n++) {
			const double hz[2] = { lows[n % 4], highs[n / 4 % 4] };
			struct line line = { .seed = 1 };
			quiet(&line, 100 + start_ms(n));
			sound(&line, pauses[i].first_ms, hz, medium);
			quiet(&line, pauses[i].pause_ms);
			sound(&line, pauses[i].second_ms, hz, medium);
			quiet(&line, 100);
			if (line.tones.digits != pauses[i].digits)
				fail_msg("%s: %g + %g Hz, start %u: %u digits",
				         pauses[i].what, hz[0], hz[1], n / 16,
				         line.tones.digits);
		}
}

/* Q.24: 93 ms a digit, of which 40 or more are tone. */
static void dialling(void **state)
{
	(void)state;
	struct line line = { .seed = 1 };
	for (size_t n = 0; n < 160; n++) {
		sound(&line, 50, (const double[2]){ lows[n * 7 % 4], highs[n * 5 / 4 % 4] },
		      medium);
		quiet(&line, 43);
	}
	assert_int_equal(line.tones.digits, 160);
	assert_int_equal(line.tones.fax, FAX_TONE_NONE);
}

/* 30 ms before and 30 ms behind are no 60 ms. */
static void gaps_join_nothing(void **state)
{
	(void)state;
	static const double hz[2] = { 770, 1336 };
	struct line line = { .seed = 1 };
	for (size_t i = 0; i < 20; i++) {
		quiet(&line, 60);
		sound(&line, 20, hz, medium);
		tones_gap(&line.tones, 20);
		line.at_s += 0.02;
		sound(&line, 20, hz, medium);
	}
	assert_int_equal(line.tones.digits, 0);
	/* A digit that a lost packet cuts in two is still one; after 40 ms it is unknown.
	 */
	quiet(&line, 60);
	sound(&line, 100, hz, medium);
	tones_gap(&line.tones, 20);
	line.at_s += 0.02;
	sound(&line, 100, hz, medium);
	assert_int_equal(line.tones.digits, 1);
	tones_gap(&line.tones, 40);
	line.at_s += 0.04;
	sound(&line, 100, hz, medium);
	assert_int_equal(line.tones.digits, 2);
}

static const struct {
	const char *what;
	double hz, dbov, ms;
	enum fax_tone fax;
} faxes[] = {
	{ "CNG", 1100, -20, 500, FAX_TONE_CNG },
	{ "CNG at its shortest, lowest and quietest", 1062, -40, 425, FAX_TONE_CNG },
	{ "at its longest and highest", 1138, -6, 575, FAX_TONE_CNG },
	{ "too short", 1100, -20, 300, FAX_TONE_NONE },
	{ "1100 Hz that goes on", 1100, -20, 1000, FAX_TONE_NONE },
	{ "1040 Hz", 1040, -20, 500, FAX_TONE_NONE },
	{ "1160 Hz", 1160, -20, 500, FAX_TONE_NONE },
	{ "CED", 2100, -20, 2600, FAX_TONE_CED },
	{ "CED, high", 2115, -20, 2600, FAX_TONE_CED },
	{ "CED, low", 2085, -20, 2600, FAX_TONE_CED },
	{ "2100 Hz for half a second", 2100, -20, 500, FAX_TONE_NONE },
	{ "2130 Hz", 2130, -20, 2600, FAX_TONE_NONE },
	{ "the test tone of 1004 Hz", 1004, -20, 500, FAX_TONE_NONE },
	{ "inaudible", 1100, -60, 500, FAX_TONE_NONE },
};

static void fax_tones(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faxes); i++) {
		struct line line = { .seed = 1 };
		quiet(&line, 203);
		sound(&line, faxes[i].ms, (const double[2]){ faxes[i].hz, 0 },
		      (const double[2]){ faxes[i].dbov, 0 });
		quiet(&line, 300);
		if (line.tones.fax != faxes[i].fax || line.tones.digits != 0)
			fail_msg("%s: %d, %u digits", faxes[i].what, line.tones.fax,
			         line.tones.digits);
	}
}

/* V.8's ANSam: 2100 Hz, 20 % of amplitude modulation at 15 Hz, phase reversed each 450 ms.
 */
static void modulated_answer(void **state)
{
	(void)state;
	struct tones tones = { 0 };
	for (int i = 0; i < 8000 * 3; i++) {
		const double at = (double)i / 8000;
		const double sign = (unsigned int)(at / 0.45) % 2 ? -1 : 1;
		const float x = (float)(sign * 0.1 * (1 + 0.2 * sin(TURN * 15 * at)) *
		                        sin(TURN * 2100 * at));
		tones_take(&tones, &x, 1);
	}
	assert_int_equal(tones.fax, FAX_TONE_CED);
}

/* A gap within is the end of what was heard: 400 ms and 100 ms are no CNG. */
static void gaps_end_fax_tones(void **state)
{
	(void)state;
	static const double hz[2] = { 1100, 0 };
	struct line line = { .seed = 1 };
	quiet(&line, 100);
	sound(&line, 330, hz, medium);
	tones_gap(&line.tones, 20);
	sound(&line, 150, hz, medium);
	quiet(&line, 100);
	assert_int_equal(line.tones.fax, FAX_TONE_NONE);
}

/* The first one counts. */
static void first_fax_tone(void **state)
{
	(void)state;
	struct line line = { .seed = 1 };
	sound(&line, 500, (const double[2]){ 1100, 0 }, medium);
	quiet(&line, 500);
	sound(&line, 3000, (const double[2]){ 2100, 0 }, medium);
	assert_int_equal(line.tones.fax, FAX_TONE_CNG);
}

/* Amplitude of what a vocal tract with these formants leaves of a harmonic. */
static double resonance(double hz, const double formants[3])
{
	double product = 1;
	for (size_t i = 0; i < 3; i++) {
		const double f = formants[i];
		const double width = 50 + f / 20;
		product *= f * f / hypot(f * f - hz * hz, hz * width);
	}
	return product;
}

/*
 * Talk-off: an hour of sounds like speech.  Two of three are voiced: a pitch that glides,
 * with harmonics that fall by 12 dB an octave and three formants anywhere that vowels have
 * them; the others are noise.
 */
static void talk_off(void **state)
{
	(void)state;
	enum { SOUND = 2000, HARMONICS = 40 };
	struct tones tones = { 0 };
	uint64_t seed = 77;
	double phase = 0;
	for (size_t n = 0; n < (size_t)3600 * 8000 / SOUND; n++) {
		const bool voiced = disorder_below(&seed, 3) > 0;
		const double pitch = 80 + disorder_below(&seed, 220);
		const double glide = disorder_below(&seed, 100) - 50.0;
		const double formants[3] = { 270 + disorder_below(&seed, 580),
			                     850 + disorder_below(&seed, 1450),
			                     2300 + disorder_below(&seed, 700) };
		double strength[HARMONICS];
		for (size_t h = 0; h < HARMONICS; h++) {
			const double hz = pitch * (double)(h + 1);
			strength[h] = hz < 3600 ? 0.1 * resonance(hz, formants) /
			                                  pow((double)(h + 1), 2)
			                        : 0;
		}
		float samples[SOUND];
		for (size_t i = 0; i < SOUND; i++) {
			double x = (disorder_below(&seed, 2001) / 1000.0 - 1) *
			           (voiced ? 0.003 : 0.05);
			phase += (pitch + glide * (double)i / SOUND) / 8000;
			phase -= floor(phase);
			for (size_t h = 0; voiced && h < HARMONICS && strength[h] > 0; h++)
				x += strength[h] * sin(TURN * phase * (double)(h + 1));
			samples[i] = (float)x;
		}
		tones_take(&tones, samples, SOUND);
	}
	assert_int_equal(tones.digits, 0);
	assert_int_equal(tones.fax, FAX_TONE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_within_limits),
		cmocka_unit_test(pauses_between),
		cmocka_unit_test(dialling),
		cmocka_unit_test(gaps_join_nothing),
		cmocka_unit_test(fax_tones),
		cmocka_unit_test(modulated_answer),
		cmocka_unit_test(gaps_end_fax_tones),
		cmocka_unit_test(first_fax_tone),
		cmocka_unit_test(talk_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
