#include "analyzer/quality/emodel.h"

#include <math.h>

/* What differs between G.107, G.107.1 and G.107.2. */
static const struct {
	double scale;   /* of R before the MOS curve, and of Idd */
	double ceiling; /* of Ie_eff under random loss */
	double ro;      /* narrowband computes its own */
} bands[BAND_COUNT] = {
	[BAND_NONE] = { NAN, NAN, NAN },
	[BAND_NB] = { 1.0, 95.0, NAN },
	[BAND_WB] = { 1.29, 95.0, 129.0 },
	[BAND_FB] = { 1.48, 132.0, 148.0 },
};

struct emodel_input emodel_defaults(enum band band)
{
	return (struct emodel_input){
		.band = band,
		.slr_db = 8,
		.rlr_db = 2,
		.stmr_db = 15,
		.ds = 3,
		.dr = 3,
		.telr_db = 65,
		.wepl_db = 110,
		.nc_dbm0p = -70,
		.nfor_dbmp = -64,
		.ps_dba = 35,
		.pr_dba = 35,
		.qdu = 1,
		.mt_ms = 100,
		.st = 1,
		.bpl = 4.3,
		.burstr = 1,
	};
}

static double power_ratio(double db)
{
	return pow(10, db / 10);
}

/* No, the sum of all noise sources in dBm0p: equations 7-3 to 7-6. */
static double noise_sum(const struct emodel_input *in)
{
	const double olr = in->slr_db + in->rlr_db;
	const double lstr = in->stmr_db + in->dr;
	const double nos = in->ps_dba - in->slr_db - in->ds - 100 +
	                   0.004 * pow(in->ps_dba - olr - in->ds - 14, 2);
	const double pre = in->pr_dba + 10 * log10(1 + power_ratio(10 - lstr));
	const double nor = in->rlr_db - 121 + pre + 0.008 * pow(pre - 35, 2);
	const double nfo = in->nfor_dbmp + in->rlr_db;

	return 10 * log10(power_ratio(in->nc_dbm0p) + power_ratio(nos) + power_ratio(nor) +
	                  power_ratio(nfo));
}

/* Iolr: a connection that is too loud or too faint. */
static double loudness(const struct emodel_input *in, double no)
{
	const double olr = in->slr_db + in->rlr_db;
	const double xolr = (olr + 0.2 * (64 + no - in->rlr_db)) / 8;

	return 20 * (pow(1 + pow(xolr, 8), 1.0 / 8) - xolr);
}

/* Ist: sidetone that is not optimal. */
static double sidetone(const struct emodel_input *in)
{
	const double stmro = -10 * log10(power_ratio(-in->stmr_db) +
	                                 exp(-in->t_ms / 4) * power_ratio(-in->telr_db));

	return 12 * pow(1 + pow((stmro - 13) / 6, 8), 1.0 / 8) -
	       28 * pow(1 + pow((stmro + 1) / 19.4, 35), 1.0 / 35) -
	       13 * pow(1 + pow((stmro - 3) / 33, 13), 1.0 / 13) + 29;
}

/* Iq: quantizing distortion. */
static double quantizing(const struct emodel_input *in, double ro)
{
	const double q = 37 - 15 * log10(in->qdu);
	const double g = 1.07 + 0.258 * q + 0.0602 * q * q;
	const double y = (ro - 100) / 15 + 46 / 8.4 - g / 9;
	const double z = 46.0 / 30 - g / 40;

	return 15 * log10(1 + pow(10, y) + pow(10, z));
}

static double talker_echo(const struct emodel_input *in, double no, double ist)
{
	if (in->t_ms < 1)
		return 0;
	double terv = in->telr_db - 40 * log10((1 + in->t_ms / 10) / (1 + in->t_ms / 150)) +
	              6 * exp(-0.3 * in->t_ms * in->t_ms);
	if (in->stmr_db < 9)
		terv += ist / 2;
	const double roe = -1.5 * (no - in->rlr_db);
	const double re = 80 + 2.5 * (terv - 14);
	const double half = (roe - re) / 2;
	const double idte = (half + sqrt(half * half + 100) - 1) * (1 - exp(-in->t_ms));

	return in->stmr_db > 20 ? hypot(idte, ist) : idte;
}

static double listener_echo(const struct emodel_input *in, double ro)
{
	const double rle = 10.5 * (in->wepl_db + 7) * pow(in->tr_ms + 1, -0.25);
	const double half = (ro - rle) / 2;

	return half + sqrt(half * half + 169);
}

/* Idd: conversation suffers from the delay itself, equations 7-27 and 7-28. */
static double absolute_delay(const struct emodel_input *in)
{
	if (in->ta_ms <= in->mt_ms)
		return 0;
	const double x = log2(in->ta_ms / in->mt_ms);
	const double e = 6 * in->st;

	return bands[in->band].scale * 25 *
	       (pow(1 + pow(x, e), 1 / e) - 3 * pow(1 + pow(x / 3, e), 1 / e) + 2);
}

/* Ie_eff, equation 7-29. */
static double effective_impairment(const struct emodel_input *in)
{
	if (in->ppl <= 0)
		return in->ie;
	const double burstr = fmax(in->burstr, 1);

	return in->ie +
	       (bands[in->band].ceiling - in->ie) * in->ppl / (in->ppl / burstr + in->bpl);
}

static void narrowband_terms(const struct emodel_input *in, struct emodel_terms *terms)
{
	const double no = noise_sum(in);
	const double ist = sidetone(in);

	terms->ro = 15 - 1.5 * (in->slr_db + no);
	terms->is = loudness(in, no) + ist + quantizing(in, terms->ro);
	terms->idte = talker_echo(in, no, ist);
	terms->idle = listener_echo(in, terms->ro);
}

struct emodel_terms emodel_rate(const struct emodel_input *in)
{
	struct emodel_terms terms = {
		.ro = bands[in->band].ro,
		.a = in->advantage,
		.extrapolated = in->ta_ms > 500 || in->ppl > 20 || in->burstr > 8,
	};

	if (in->band == BAND_NONE) {
		terms.ro = terms.is = terms.idte = terms.idle = terms.idd = NAN;
		terms.ie_eff = terms.a = terms.r = NAN;
		return terms;
	}
	if (in->band == BAND_NB)
		narrowband_terms(in, &terms);
	terms.idd = absolute_delay(in);
	terms.ie_eff = effective_impairment(in);
	terms.r = terms.ro - terms.is - terms.idte - terms.idle - terms.idd - terms.ie_eff +
	          terms.a;
	return terms;
}

double emodel_common_r(enum band band, double r)
{
	return r / bands[band].scale;
}

double emodel_ceiling(enum band band)
{
	return bands[band].ceiling;
}

double emodel_mos(enum band band, double r)
{
	const double rx = emodel_common_r(band, r);

	if (isnan(rx))
		return NAN;
	if (rx <= 0)
		return 1;
	if (rx >= 100)
		return 4.5;
	const double mos = 1 + 0.035 * rx + rx * (rx - 60) * (100 - rx) * 7e-6;
	return mos < 1 ? 1 : mos;
}
