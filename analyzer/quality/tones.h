/*
 * tones.h - tones within speech: the digits of ITU-T Q.23 sent in-band, by the limits of
 * ITU-T Q.24, and the tones with which faxes call and answer (ITU-T T.30).
 *
 * Samples of 8 kHz go through Goertzel filters at ten frequencies, in windows of 20 ms
 * (Hann) of which one begins every 10 ms.  Two windows in a row make one verdict: their
 * energies say how strong the tone is and how much else there is, the turn of its phase
 * from one to the other how far from its nominal frequency it lies.
 *
 *   Q.24 (the values of the former AT&T)     here
 *   frequency accepted within 1.5 %,
 *     refused beyond 3.5 %                    2.2 %
 *   high group up to 4 dB stronger than
 *     the low one, up to 8 dB weaker          5 dB, 9 dB
 *   signal accepted from 40 ms, refused
 *     up to 23 ms                             3 windows, each nearly filled
 *   break up to 10 ms is none, pause
 *     from 40 ms is one                       more than 3 verdicts without the signal
 *   accepted from -25 dBm a tone, refused
 *     below -55 dBm                           -43 dBov, about -37 dBm0
 *   signal to noise from 12 dB                tones hold 70 % of the energy, once 90 %
 *
 * A digit says that a PIN or a card number may be under way, so which one it was leaves
 * this file in no way: digits are counted.  State is filters and counters; no sample is
 * kept.
 *
 * CNG is 1100 Hz for half a second (a longer tone is none); CED, also the ANS and ANSam of
 * ITU-T V.25 and V.8, which data modems send too, 2100 Hz for at least one.
 */
#ifndef EARSHOT_QUALITY_TONES_H
#define EARSHOT_QUALITY_TONES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/model/record.h"

enum { TONES_HZ = 8000, TONES_COUNT = 10 };

/* The windows' energy, and of each tone what the filter holds when the window ends. */
struct tones_window {
	float energy;
	float real[TONES_COUNT], imaginary[TONES_COUNT];
};

/* Begins all zero. */
struct tones {
	/* Goertzel's two delays; of the two windows under way, [rising] began last. */
	float late[2][TONES_COUNT], later[2][TONES_COUNT];
	float energy[2];
	uint32_t position; /* samples since the last window began */
	uint8_t rising;
	bool begun;      /* the window that ends next has its first half */
	bool has_before; /* a window came before that one */
	struct tones_window before;

	uint8_t candidate, candidate_verdicts; /* a digit that may begin */
	bool candidate_pure;
	uint8_t sounding, missed;     /* the digit counted last, until it is over */
	uint8_t fax_tone, fax_missed; /* the one that may be under way */
	uint32_t fax_verdicts;

	uint32_t digits;   /* heard */
	enum fax_tone fax; /* the first heard */
};

/* The next samples; an amplitude of 1 is overload. */
void tones_take(struct tones *tones, const float *samples, size_t count);

/*
 * So many ms are unknown: nothing before them is joined to what follows, but a digit that
 * goes on after less than 40 ms is not counted again.
 */
void tones_gap(struct tones *tones, uint32_t ms);

#endif
