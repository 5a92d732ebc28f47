/*
 * emodel.h - the E-model: how a connection's properties become a rating R and a MOS.
 *
 * Follows ITU-T G.107 (06/2015) for narrowband, G.107.1 (06/2019) for wideband and
 * G.107.2 (06/2019) for fullband.  Symbols keep the names of the Recommendations; log is
 * to base 10. Pure numbers: what a codec's Ie and Bpl are stands in quality/impairment.h.
 *
 * Decisions where the Recommendations leave a choice or a passive probe cannot know:
 *  - The defaults have no echo (T = Tr = 0), so of all delay terms only Idd charges for
 *    delay. A probe in the middle cannot see the echo path.  Set t_ms and tr_ms to model
 *    one; T = Ta and Tr = 2 Ta is the symmetric echo that most published delay curves
 *    assume.
 *  - Wideband and fullband ignore t_ms and tr_ms: the corrected wideband echo equation
 *    (G.107.1 Cor.1) was not available, and G.107.2 has no echo.
 *  - The default wideband rating is 129 exactly, without the 0.15 of Idle at zero delay.
 *  - The fullband Ro is the 148 of the 2019 edition, not the 147.48 that 2023 computes.
 *  - G.107.1 and G.107.2 define random loss only.  BurstR is applied in all bands when it
 *    is not 1; burstr_policy() of impairment.h says when it should be.
 *
 * Ranges for which G.107 was validated: Ta and T 0..500 ms, Tr 0..1000 ms, Ppl 0..20 %,
 * BurstR 1..8, Bpl 4.3..40, Ie 0..40, A 0..20.  Beyond them the formulas still evaluate.
 */
#ifndef EARSHOT_QUALITY_EMODEL_H
#define EARSHOT_QUALITY_EMODEL_H

#include <stdbool.h>

#include "analyzer/model/codec.h"

/* G.107 table 2.  Wideband and fullband use band, ta_ms, mt_ms, st and the last five. */
struct emodel_input {
	enum band band;

	double slr_db;    /* send loudness rating */
	double rlr_db;    /* receive loudness rating */
	double stmr_db;   /* sidetone masking rating; LSTR is STMR + Dr */
	double ds, dr;    /* D-value of the telephone, send and receive side */
	double telr_db;   /* talker echo loudness rating */
	double wepl_db;   /* weighted echo path loss */
	double nc_dbm0p;  /* circuit noise */
	double nfor_dbmp; /* noise floor at the receiver */
	double ps_dba;    /* room noise, send side */
	double pr_dba;    /* room noise, receive side */
	double qdu;       /* quantizing distortion units */

	double t_ms;  /* mean one-way delay of the echo path */
	double tr_ms; /* round trip in the four-wire loop */
	double ta_ms; /* absolute one-way delay */
	double mt_ms; /* delay that goes unnoticed: 100; class low 120, very low 150 */
	double st;    /* delay sensitivity: 1; class low 0.55, very low 0.4 */

	double ie;        /* equipment impairment factor of the codec */
	double bpl;       /* packet-loss robustness of the codec, above 0 */
	double ppl;       /* percentage of packets lost, 0..100 */
	double burstr;    /* burst ratio; less than 1 counts as 1 */
	double advantage; /* A */
};

/* R = Ro - Is - (Idte + Idle + Idd) - Ie_eff + A */
struct emodel_terms {
	double ro;         /* basic signal-to-noise ratio, clause 7.2 */
	double is;         /* simultaneous impairments, 7.3 */
	double idte;       /* talker echo, 7.4 */
	double idle;       /* listener echo, 7.4 */
	double idd;        /* absolute delay, 7.4 */
	double ie_eff;     /* codec and packet loss, 7.5 */
	double a;          /* advantage, 7.6 */
	double r;          /* not clamped: below 0 and above the band's best are possible */
	bool extrapolated; /* Ta > 500 ms, Ppl > 20 % or BurstR > 8 */
};

/* The defaults of G.107 table 2: no loss, no delay, Ie 0, Bpl 4.3. */
struct emodel_input emodel_defaults(enum band band);

/* With BAND_NONE every term is NaN. */
struct emodel_terms emodel_rate(const struct emodel_input *in);

/*
 * MOS of a rating, 1..4.5 (G.107 Annex B; G.107.1 and G.107.2 scale R first).  The cubic
 * dips below 1 for very bad ratings; that is clamped.  NaN in, NaN out.
 */
double emodel_mos(enum band band, double r);

/*
 * R on an axis of 0..100 that all bands share: R, R/1.29, R/1.48.  It is what the MOS is
 * computed from; the ITU does not say that equal values sound equal.
 */
double emodel_common_r(enum band band, double r);

/* The most that codec and random loss together can take away: 95, 95 (not 129), 132. */
double emodel_ceiling(enum band band);

#endif
