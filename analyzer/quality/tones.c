#include "analyzer/quality/tones.h"

#include <math.h>
#include <string.h>

#include "analyzer/base/status.h"

#define PI 3.14159265358979323846

enum {
	HOP = 80,            /* samples from the begin of one window to that of the next */
	HOP_MS = 10,         /* the same */
	WINDOW_SUM = 80,     /* of the window's 160 weights */
	WINDOW_SQUARES = 60, /* of their squares */
	LOW_GROUP = 0,
	HIGH_GROUP = 4,
	CNG = 8,
	CED = 9,
};

#define LEAST_POWER 5.0e-5 /* -43 dBov, 1 is overload */
#define LEAST_SHARE 0.7   /* of the energy; a window that a signal fills for 13 ms has it */
#define PURE_SHARE 0.9    /* once in a digit, against speech; Q.24: noise is 12 dB below */
#define HIGH_STRONGER 3.2 /* 5 dB */
#define LOW_STRONGER 7.9  /* 9 dB */
#define DIGIT_TOLERANCE 0.022
#define CNG_TOLERANCE_HZ 42.0 /* T.30: 38 */
#define CED_TOLERANCE_HZ 20.0 /* T.30: 15 */

enum {
	DIGIT_VERDICTS = 2, /* of windows 1 and 2, 2 and 3 */
	MISSED_MOST = 3,    /* a break of 10 ms spoils so many verdicts */
	/* T.30: 0.5 s within 15 %; a verdict each 10 ms, and those of its edges. */
	CNG_LEAST = 39,
	CNG_MOST = 60,
	CED_LEAST = 100,
};

/* clang-format off */
static const struct {
	double hz;
	float cosine, sine; /* of its angle from sample to sample */
} frequencies[TONES_COUNT] = {
	{ 697, 0.853868905F, 0.520488130F },
	{ 770, 0.822640518F, 0.568561851F },
	{ 852, 0.784343492F, 0.620326758F },
	{ 941, 0.739102284F, 0.673593211F },
	{ 1209, 0.582052012F, 0.813151558F },
	{ 1336, 0.498185105F, 0.867070701F },
	{ 1477, 0.399309195F, 0.916816321F },
	{ 1633, 0.284266353F, 0.958745347F },
	[CNG] = { 1100, 0.649448048F, 0.760405966F },
	[CED] = { 2100, -0.078459096F, 0.996917334F },
};

/* Twice the cosines. */
static const float coefficients[TONES_COUNT] = {
	1.707737810F, 1.645281036F, 1.568686984F, 1.478204568F, 1.164104024F,
	0.996370210F, 0.798618390F, 0.568532706F, 1.298896096F, -0.156918192F,
};

/* First half of the window, (1 - cos(2 pi (n + 1/2) / 160)) / 2; the other mirrors it. */
static const float rise[HOP] = {
	0.0000964F, 0.0008672F, 0.0024076F, 0.0047153F, 0.0077867F, 0.0116171F, 0.0162005F, 0.0215298F,
	0.0275970F, 0.0343925F, 0.0419060F, 0.0501259F, 0.0590394F, 0.0686328F, 0.0788914F, 0.0897993F,
	0.1013397F, 0.1134948F, 0.1262458F, 0.1395732F, 0.1534563F, 0.1678738F, 0.1828034F, 0.1982220F,
	0.2141060F, 0.2304308F, 0.2471713F, 0.2643016F, 0.2817954F, 0.2996256F, 0.3177648F, 0.3361849F,
	0.3548577F, 0.3737542F, 0.3928454F, 0.4121019F, 0.4314938F, 0.4509914F, 0.4705646F, 0.4901832F,
	0.5098168F, 0.5294354F, 0.5490086F, 0.5685062F, 0.5878981F, 0.6071546F, 0.6262458F, 0.6451423F,
	0.6638151F, 0.6822352F, 0.7003744F, 0.7182046F, 0.7356984F, 0.7528287F, 0.7695692F, 0.7858940F,
	0.8017780F, 0.8171966F, 0.8321262F, 0.8465437F, 0.8604268F, 0.8737542F, 0.8865052F, 0.8986603F,
	0.9102007F, 0.9211086F, 0.9313672F, 0.9409606F, 0.9498741F, 0.9580940F, 0.9656075F, 0.9724030F,
	0.9784702F, 0.9837995F, 0.9883829F, 0.9922133F, 0.9952847F, 0.9975924F, 0.9991328F, 0.9999036F,
};
/* clang-format on */

/* --- filters -------------------------------------------------------------------------- */

/* Local copies, so that the compiler keeps them where they are worked on. */
static void filter(struct tones *t, uint8_t window, const float *weighted, size_t count)
{
	float late[TONES_COUNT];
	float later[TONES_COUNT];
	float energy = t->energy[window];
	memcpy(late, t->late[window], sizeof late);
	memcpy(later, t->later[window], sizeof later);
	for (size_t n = 0; n < count; n++) {
		energy += weighted[n] * weighted[n];
		for (size_t i = 0; i < TONES_COUNT; i++) {
			const float next =
			        weighted[n] + coefficients[i] * late[i] - later[i];
			later[i] = late[i];
			late[i] = next;
		}
	}
	t->energy[window] = energy;
	memcpy(t->late[window], late, sizeof late);
	memcpy(t->later[window], later, sizeof later);
}

static struct tones_window read_out(const struct tones *t, uint8_t window)
{
	struct tones_window out = { .energy = t->energy[window] };
	for (size_t i = 0; i < TONES_COUNT; i++) {
		const float later = t->later[window][i];
		out.real[i] = t->late[window][i] - later * frequencies[i].cosine;
		out.imaginary[i] = later * frequencies[i].sine;
	}
	return out;
}

static void clear(struct tones *t, uint8_t window)
{
	memset(t->late[window], 0, sizeof t->late[window]);
	memset(t->later[window], 0, sizeof t->later[window]);
	t->energy[window] = 0;
}

/* --- a verdict on two windows --------------------------------------------------------- */

static double magnitude_squared(const struct tones_window *w, size_t tone)
{
	return (double)w->real[tone] * (double)w->real[tone] +
	       (double)w->imaginary[tone] * (double)w->imaginary[tone];
}

/* Hz that the tone is above its nominal frequency; unambiguous within half of 1/HOP. */
static double offset_hz(const struct tones_window *before, const struct tones_window *now,
                        size_t tone)
{
	const double real = (double)now->real[tone] * (double)before->real[tone] +
	                    (double)now->imaginary[tone] * (double)before->imaginary[tone];
	const double imaginary = (double)now->imaginary[tone] * (double)before->real[tone] -
	                         (double)now->real[tone] * (double)before->imaginary[tone];
	const double due = frequencies[tone].hz * HOP / TONES_HZ; /* turns */
	const double turns = atan2(imaginary, real) / (2 * PI) - due;
	return (turns - round(turns)) * TONES_HZ / HOP;
}

/* What the window leaves of the power of a tone that far off its filter. */
static double window_response(double hz)
{
	const double x = fabs(hz) * 2 * HOP / TONES_HZ;
	if (x < 1e-6)
		return 1;
	const double amplitude = sin(PI * x) / (PI * x) / (1 - x * x);
	return amplitude * amplitude;
}

/* Power of a tone in each of the two windows; false when its frequency is not near. */
static bool powers_of(const struct tones_window *const windows[2], size_t tone,
                      double tolerance_hz, double power[2])
{
	const double hz = offset_hz(windows[0], windows[1], tone);
	if (fabs(hz) > tolerance_hz)
		return false;
	const double response = window_response(hz);
	for (size_t i = 0; i < 2; i++)
		power[i] = magnitude_squared(windows[i], tone) * 2 /
		           ((double)WINDOW_SUM * WINDOW_SUM) / response;
	return true;
}

static double power_of_all(const struct tones_window *window)
{
	return (double)window->energy / WINDOW_SQUARES;
}

static bool is_single(const struct tones_window *const windows[2], size_t tone,
                      double tolerance_hz)
{
	double power[2];
	if (!powers_of(windows, tone, tolerance_hz, power))
		return false;
	for (size_t i = 0; i < 2; i++)
		if (power[i] < LEAST_POWER ||
		    power[i] < LEAST_SHARE * power_of_all(windows[i]))
			return false;
	return true;
}

/* The share of the energy that the pair has in the second window; 0 = it is none. */
static double share_of_pair(const struct tones_window *const windows[2], size_t low,
                            size_t high)
{
	double lows[2];
	double highs[2];
	double share = 0;
	if (!powers_of(windows, low, frequencies[low].hz * DIGIT_TOLERANCE, lows) ||
	    !powers_of(windows, high, frequencies[high].hz * DIGIT_TOLERANCE, highs))
		return 0;
	for (size_t i = 0; i < 2; i++) {
		if (lows[i] < LEAST_POWER || highs[i] < LEAST_POWER ||
		    highs[i] > lows[i] * HIGH_STRONGER || lows[i] > highs[i] * LOW_STRONGER)
			return 0;
		share = (lows[i] + highs[i]) / power_of_all(windows[i]);
		if (share < LEAST_SHARE)
			return 0;
	}
	return share;
}

static size_t strongest(const struct tones_window *window, size_t first)
{
	size_t best = first;
	for (size_t i = first + 1; i < first + 4; i++)
		if (magnitude_squared(window, i) > magnitude_squared(window, best))
			best = i;
	return best;
}

/* The digit in both windows, as a number from 1; 0 = none. */
static uint8_t digit_in(const struct tones_window *const windows[2], bool *pure)
{
	const size_t low = strongest(windows[1], LOW_GROUP);
	const size_t high = strongest(windows[1], HIGH_GROUP);
	const double share = share_of_pair(windows, low, high);
	*pure = share >= PURE_SHARE;
	return share > 0 ? (uint8_t)(1 + low * 4 + high - HIGH_GROUP) : 0;
}

static uint8_t fax_tone_in(const struct tones_window *const windows[2])
{
	if (is_single(windows, CNG, CNG_TOLERANCE_HZ))
		return CNG;
	return is_single(windows, CED, CED_TOLERANCE_HZ) ? CED : 0;
}

/* --- from verdicts to signals --------------------------------------------------------- */

static void forget_candidate(struct tones *t)
{
	t->candidate = t->candidate_verdicts = 0;
	t->candidate_pure = false;
}

static void miss_digit(struct tones *t, uint32_t verdicts)
{
	t->missed = (uint8_t)(t->missed +
	                      (verdicts > MISSED_MOST ? MISSED_MOST + 1 : verdicts));
	if (t->missed > MISSED_MOST)
		t->sounding = t->missed = 0;
}

static void follow_digit(struct tones *t, uint8_t digit, bool pure)
{
	if (digit != 0 && digit == t->sounding) {
		t->missed = 0;
		return;
	}
	if (digit == 0 || digit != t->candidate)
		forget_candidate(t);
	t->candidate = digit;
	t->candidate_pure |= pure;
	if (digit != 0 && ++t->candidate_verdicts >= DIGIT_VERDICTS && t->candidate_pure) {
		t->digits++;
		t->sounding = digit;
		t->missed = 0;
		forget_candidate(t);
	} else if (t->sounding) {
		miss_digit(t, 1);
	}
}

static void note_fax(struct tones *t, enum fax_tone fax)
{
	if (t->fax == FAX_TONE_NONE)
		t->fax = fax;
}

static void forget_fax_tone(struct tones *t)
{
	t->fax_tone = t->fax_missed = 0;
	t->fax_verdicts = 0;
}

static void end_fax_tone(struct tones *t)
{
	if (t->fax_tone == CNG && t->fax_verdicts >= CNG_LEAST &&
	    t->fax_verdicts <= CNG_MOST)
		note_fax(t, FAX_TONE_CNG);
	forget_fax_tone(t);
}

static void follow_fax(struct tones *t, uint8_t tone)
{
	if (t->fax_tone && tone != t->fax_tone && ++t->fax_missed > MISSED_MOST)
		end_fax_tone(t);
	if (tone == 0 || (t->fax_tone && tone != t->fax_tone))
		return;
	t->fax_tone = tone;
	t->fax_verdicts += 1U + t->fax_missed; /* phase reversals of ANS are no end */
	t->fax_missed = 0;
	if (tone == CED && t->fax_verdicts >= CED_LEAST)
		note_fax(t, FAX_TONE_CED);
}

static void window_ends(struct tones *t)
{
	const uint8_t falling = t->rising ^ 1;
	if (t->begun) {
		const struct tones_window now = read_out(t, falling);
		if (t->has_before) {
			const struct tones_window *const windows[2] = { &t->before, &now };
			bool pure;
			const uint8_t digit = digit_in(windows, &pure);
			follow_digit(t, digit, pure);
			follow_fax(t, fax_tone_in(windows));
		}
		t->before = now;
		t->has_before = true;
	}
	t->begun = true;
	clear(t, falling);
	t->rising = falling;
	t->position = 0;
}

/* Up to the end of the half window under way. */
static size_t take_some(struct tones *t, const float *samples, size_t count)
{
	float up[HOP];
	float down[HOP];
	const size_t left = HOP - t->position;
	const size_t taken = count < left ? count : left;
	for (size_t i = 0; i < taken; i++) {
		up[i] = samples[i] * rise[t->position + i];
		down[i] = samples[i] * rise[HOP - 1 - t->position - i];
	}
	filter(t, t->rising, up, taken);
	filter(t, t->rising ^ 1, down, taken);
	t->position += (uint32_t)taken;
	if (t->position == HOP)
		window_ends(t);
	return taken;
}

void tones_take(struct tones *tones, const float *samples, size_t count)
{
	while (count > 0) {
		const size_t taken = take_some(tones, samples, count);
		samples += taken;
		count -= taken;
	}
}

void tones_gap(struct tones *tones, uint32_t ms)
{
	clear(tones, 0);
	clear(tones, 1);
	tones->position = 0;
	tones->begun = false;
	tones->has_before = false;
	forget_candidate(tones);
	if (tones->sounding)
		miss_digit(tones, ms / HOP_MS);
	forget_fax_tone(tones);
}
