/*
 * impairment.h - how much each codec impairs speech, and the score that follows.
 *
 * Ie is what the codec costs without loss, Bpl how well it bears loss.  They come from
 * ITU-T G.113: Appendix I for narrowband, IV for wideband, V for fullband.  Where G.113
 * has no row the value is our own, and the basis of the score says so.
 *
 * Decisions:
 *  - G.711 receivers are taken to conceal loss (G.113's row with G.711 Appendix I).
 *  - G.113 gives wideband Ie for handsets (monotic) and headsets (diotic), but Bpl for
 *    headsets only.  We take the Ie of handsets and the Bpl of headsets, so a wideband
 *    score with loss is `mixed` although both figures are published.
 *  - Nothing is published for Opus; it gets the pair of EVS at 48 kbit/s.  In-band FEC is
 *    not modelled, which makes its score pessimistic under loss.
 *  - A mode that is not known (the payload is encrypted) is taken to be the usual one.
 */
#ifndef EARSHOT_QUALITY_IMPAIRMENT_H
#define EARSHOT_QUALITY_IMPAIRMENT_H

#include "analyzer/quality/emodel.h"

struct impairment {
	enum band band;     /* the model to score with; BAND_NONE when nothing is known */
	enum basis basis;   /* as long as nothing is lost */
	double ie, bpl;     /* NaN when nothing is known */
	char ie_trust;      /* A, B: agreed on by several, or by one, public source; */
	char bpl_trust;     /* C: recalled from the standard; P: our own; '-': none */
	bool assumed;       /* the codec has modes, and this one was not seen but assumed */
	const char *source; /* for a person: which table, which row */
};

/* The figures for a codec as a stream uses it. */
struct impairment impairment_of(const struct codec_variant *variant);

/*
 * The row of that codec that gives these figures: where a score's Ie and Bpl are from, and
 * so in which mode the codec was taken to be.  False when none does.
 */
bool impairment_find(enum codec codec, double ie, double bpl, struct impairment *out);

/* Figures that the operator gave. */
struct impairment impairment_configured(enum band band, double ie, double bpl);

struct score {
	double r;      /* without delay, not clamped; NaN for unknown codecs */
	double mos_lq; /* listening quality, of r */
	double r_cq;   /* with delay; NaN when the delay is not known */
	double mos_cq; /* conversational quality, of r_cq */
	enum band band;
	enum basis basis; /* with the loss taken into account */
	double ie, bpl;
	double ppl;         /* percentage lost, as given */
	double burstr_used; /* not necessarily the measured one, see burstr_policy() */
	bool extrapolated;  /* Ppl, delay or measured BurstR is outside what G.107 covers */
	struct emodel_terms terms; /* of r_cq when the delay is known, else of r */
};

/*
 * ppl: packets lost, or discarded by the buffer that is scored, in percent.
 * burstr: as measured; NaN or anything below 1 counts as random loss.
 * ta_ms: absolute one-way delay, NaN when it is not known.
 */
struct score impairment_score(const struct impairment *impairment, double ppl,
                              double burstr, double ta_ms);

/* The same without delay and without the terms, from the R of that impairment without loss.
 */
struct score impairment_score_from(const struct impairment *impairment, double lossless_r,
                                   double ppl, double burstr);

/*
 * R without delay, as impairment_score has it, from the R of that impairment without loss:
 * for the many intervals that need no more.  NaN in, NaN out.
 */
double impairment_rating(const struct impairment *impairment, double lossless_r, double ppl,
                         double burstr);

/*
 * The BurstR that enters the formula.  G.107.1 and G.107.2 define random loss only, and
 * G.113 foresees BurstR only for codecs with efficient concealment, which we take to be a
 * Bpl of 16 or more: otherwise 1.  At most 8, the range of G.107; from 2 % loss on at
 * most 2 (the note under G.107 table 3).
 */
double burstr_policy(enum band band, double bpl, double ppl, double measured);

#endif
