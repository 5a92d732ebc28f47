/*
 * command_mos.c - `earshot mos`, the E-model as a calculator.
 *
 * With a codec it answers what the probe would say about a stream of that codec, BurstR
 * policy included.  With a band it is the bare formula: every parameter as given.
 */
#include "probe/commands.h"

#include <err.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "analyzer/quality/impairment.h"

enum { EXIT_USAGE = 2, CLOCK_HZ_MAX = 1000000, REASON_BYTES = 256 };

struct request {
	enum codec codec;
	enum band band;
	double ie, bpl, delay_ms; /* NaN: not given */
	double loss_pct, burstr, advantage;
};

static const struct request empty_request = {
	.ie = NAN, .bpl = NAN, .delay_ms = NAN, .burstr = 1
};

struct answer {
	struct impairment impairment;
	struct emodel_input in;
	struct emodel_terms terms; /* with the delay */
	enum basis basis;
	double mos_lq, mos_cq;
	bool extrapolated;
};

/* The bounds only keep every result finite. */
static const struct number {
	const char *name; /* of the option and of the JSON member */
	size_t offset;
	double min, max;
} numbers[] = {
	{ "ie", offsetof(struct request, ie), 0, 1e9 },
	{ "bpl", offsetof(struct request, bpl), 1e-9, 1e9 },
	{ "loss", offsetof(struct request, loss_pct), 0, 100 },
	{ "burstr", offsetof(struct request, burstr), 1e-9, 1e9 },
	{ "delay", offsetof(struct request, delay_ms), 0, 1e9 },
	{ "advantage", offsetof(struct request, advantage), -1e9, 1e9 },
};

static const char help[] =
        "usage: earshot mos --codec NAME[/CLOCK] [options]\n"
        "       earshot mos --band nb|wb|fb [--ie N] [--bpl N] [options]\n"
        "       earshot mos --batch FILE\n"
        "\n"
        "The E-model of ITU-T G.107, G.107.1 and G.107.2 as a calculator.\n"
        "\n"
        "      --codec NAME     score what the probe would give a stream of this codec;\n"
        "                       BurstR counts only where the standards define it\n"
        "      --band BAND      the bare formula in this band, every value as given\n"
        "      --ie N           equipment impairment of the codec (default 0)\n"
        "      --bpl N          packet-loss robustness of the codec (default 4.3)\n"
        "      --loss PCT       packets lost, in percent (default 0)\n"
        "      --burstr N       burst ratio, 1 is random loss (default 1)\n"
        "      --delay MS       absolute one-way delay; without it there is no MOS-CQ\n"
        "      --advantage N    advantage factor A (default 0)\n"
        "  -j, --json           answer with one JSON object\n"
        "      --batch FILE     read JSON objects with these names, one a line, and\n"
        "                       answer each with one line; - is standard input\n"
        "  -h, --help           this text\n"
        "\n"
        "R is that of the delay given and not clamped; MOS-LQ leaves the delay out.  MOS\n"
        "of different bands are on different scales.\n"
        "\n"
        "examples:\n"
        "  earshot mos --codec PCMA --loss 2 --burstr 1.5 --delay 180\n"
        "  earshot mos --codec speex/16000 --json\n"
        "  earshot mos --band wb --ie 13 --bpl 4.3 --loss 1\n"
        "  echo '{\"codec\": \"G729\", \"loss\": 0.5}' | earshot mos --batch -\n";

__attribute__((format(printf, 2, 3))) static bool refuse(char *reason, const char *format,
                                                         ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason, REASON_BYTES, format, args);
	va_end(args);
	return false;
}

static double or_default(double given, double fallback)
{
	return isnan(given) ? fallback : given;
}

/* "G722", or with the clock as an rtpmap has it, "speex/16000". */
static bool set_codec(struct request *request, const char *value, char *reason)
{
	struct text clock = text_from(value);
	const struct text name = text_cut(&clock, '/');
	uint64_t clock_hz = 0;

	if (clock.len && text_number(clock, CLOCK_HZ_MAX, &clock_hz) != OK)
		return refuse(reason, "codec: '%s' has no clock after the slash", value);
	request->codec = codec_by_name(name, (uint32_t)clock_hz);
	if (request->codec == CODEC_UNKNOWN)
		return refuse(reason, "codec: '%s' is not known", value);
	return true;
}

static bool set_band(struct request *request, const char *value, char *reason)
{
	request->band = band_by_name(text_from(value));
	if (request->band == BAND_NONE)
		return refuse(reason, "band: '%s' is not nb, wb or fb", value);
	return true;
}

static const struct number *find_number(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		if (strcmp(numbers[i].name, name) == 0)
			return &numbers[i];
	}
	return NULL;
}

static bool set_number(struct request *request, const struct number *number, double value,
                       char *reason)
{
	if (!(value >= number->min && value <= number->max))
		return refuse(reason, "%s: %g is not within %g and %g", number->name, value,
		              number->min, number->max);
	memcpy((char *)request + number->offset, &value, sizeof value);
	return true;
}

/* What single values cannot show. */
static bool check_request(const struct request *request, char *reason)
{
	const struct codec_variant variant = { .codec = request->codec };

	if (request->codec && request->band)
		return refuse(reason, "codec and band exclude each other");
	if (!request->codec && !request->band)
		return refuse(reason, "give a codec, or a band with ie and bpl");
	if (request->band)
		return true;
	if (!isnan(request->ie) || !isnan(request->bpl))
		return refuse(reason, "ie and bpl go with a band: a codec has its own");
	if (impairment_of(&variant).band == BAND_NONE)
		return refuse(reason, "codec: no Ie is known for %s: give band, ie and bpl",
		              codec_name(request->codec));
	return true;
}

static struct answer answer_request(const struct request *request)
{
	const struct codec_variant variant = { .codec = request->codec };
	const struct impairment impairment =
	        request->codec
	                ? impairment_of(&variant)
	                : impairment_configured(request->band, or_default(request->ie, 0),
	                                        or_default(request->bpl, 4.3));
	const struct score score = impairment_score(&impairment, request->loss_pct,
	                                            request->burstr, request->delay_ms);
	struct emodel_input in = emodel_defaults(impairment.band);

	in.ie = impairment.ie;
	in.bpl = impairment.bpl;
	in.ppl = score.ppl;
	in.burstr = request->codec ? score.burstr_used : fmax(request->burstr, 1);
	in.advantage = request->advantage;
	const double mos_lq = emodel_mos(in.band, emodel_rate(&in).r);

	in.ta_ms = or_default(request->delay_ms, 0);
	const struct emodel_terms terms = emodel_rate(&in);
	const double mos = emodel_mos(in.band, terms.r);
	return (struct answer){
		.impairment = impairment,
		.in = in,
		.terms = terms,
		.basis = score.basis,
		.mos_lq = mos_lq,
		.mos_cq = isnan(request->delay_ms) ? NAN : mos,
		.extrapolated = terms.extrapolated || score.extrapolated,
	};
}

static void put_real(json_t *object, const char *name, double value)
{
	json_object_set_new(object, name, isfinite(value) ? json_real(value) : json_null());
}

static json_t *terms_json(const struct emodel_terms *terms)
{
	json_t *json = json_object();

	put_real(json, "ro", terms->ro);
	put_real(json, "is", terms->is);
	put_real(json, "idte", terms->idte);
	put_real(json, "idle", terms->idle);
	put_real(json, "idd", terms->idd);
	put_real(json, "ie_eff", terms->ie_eff);
	put_real(json, "a", terms->a);
	return json;
}

static void print_json(const struct request *request, const struct answer *answer)
{
	const char *codec = request->codec ? codec_name(request->codec) : NULL;
	json_t *json =
	        json_pack("{s:s?, s:s, s:s, s:s, s:b, s:b}", "codec", codec, "band",
	                  band_name(answer->in.band), "basis", basis_name(answer->basis),
	                  "source", answer->impairment.source, "mode_assumed",
	                  answer->impairment.assumed, "extrapolated", answer->extrapolated);

	put_real(json, "r", answer->terms.r);
	put_real(json, "mos_lq", answer->mos_lq);
	put_real(json, "mos_cq", answer->mos_cq);
	put_real(json, "ie", answer->in.ie);
	put_real(json, "bpl", answer->in.bpl);
	put_real(json, "burstr_used", answer->in.burstr);
	json_object_set_new(json, "terms", terms_json(&answer->terms));
	json_dumpf(json, stdout, JSON_COMPACT); /* command_mos() asks stdout how it went */
	putchar('\n');
	json_decref(json);
}

static const char *const models[BAND_COUNT] = {
	[BAND_NB] = "narrowband, ITU-T G.107",
	[BAND_WB] = "wideband, ITU-T G.107.1",
	[BAND_FB] = "fullband, ITU-T G.107.2",
};

static void print_row(const char *symbol, double value, const char *meaning)
{
	printf("  %-7s %9.2f   %s\n", symbol, value, meaning);
}

static void print_inputs(const struct request *request, const struct answer *answer)
{
	printf("inputs\n");
	if (request->codec)
		printf("  codec   %9s%s\n", codec_name(request->codec),
		       answer->impairment.assumed ? "   in its usual mode" : "");
	print_row("Ie", answer->in.ie,
	          request->codec ? answer->impairment.source : "given");
	printf("  %-7s %9.2f   basis: %s\n", "Bpl", answer->in.bpl,
	       basis_name(answer->basis));
	print_row("Ppl", answer->in.ppl, "packets lost, %");
	if (answer->in.burstr != request->burstr)
		printf("  %-7s %9.2f   burst ratio used, given was %.2f\n", "BurstR",
		       answer->in.burstr, request->burstr);
	else
		print_row("BurstR", answer->in.burstr, "burst ratio");
	if (isnan(request->delay_ms))
		printf("  %-7s %9s   absolute one-way delay, ms: not given\n", "Ta", "-");
	else
		print_row("Ta", answer->in.ta_ms, "absolute one-way delay, ms");
}

static void print_text(const struct request *request, const struct answer *answer)
{
	const struct emodel_terms *terms = &answer->terms;

	print_inputs(request, answer);
	printf("\nterms of R = Ro - Is - Idte - Idle - Idd - Ie_eff + A\n");
	print_row("Ro", terms->ro, "basic signal-to-noise ratio");
	print_row("Is", terms->is, "impairments that come with the speech");
	print_row("Idte", terms->idte, "talker echo");
	print_row("Idle", terms->idle, "listener echo");
	print_row("Idd", terms->idd, "too long a delay");
	print_row("Ie_eff", terms->ie_eff, "codec and packet loss");
	print_row("A", terms->a, "advantage");
	printf("\nresult\n");
	print_row("R", terms->r, models[answer->in.band]);
	print_row("MOS-LQ", answer->mos_lq, "listening quality, without the delay");
	if (!isnan(answer->mos_cq))
		print_row("MOS-CQ", answer->mos_cq, "conversational quality");
	if (answer->extrapolated)
		printf("\nExtrapolated: G.107 covers delays to 500 ms, loss to 20 %% and "
		       "BurstR to 8.\n");
}

/* One member of a batch line. */
static bool set_member(struct request *request, const char *name, const json_t *value,
                       char *reason)
{
	const struct number *number = find_number(name);
	const bool codec = strcmp(name, "codec") == 0;

	if (!number && !codec && strcmp(name, "band") != 0)
		return refuse(reason,
		              "%s: not one of codec, band, ie, bpl, loss, burstr, "
		              "delay, advantage",
		              name);
	if (json_is_null(value))
		return true;
	if (number) {
		if (!json_is_number(value))
			return refuse(reason, "%s: must be a number", name);
		return set_number(request, number, json_number_value(value), reason);
	}
	if (!json_is_string(value))
		return refuse(reason, "%s: must be a string", name);
	return codec ? set_codec(request, json_string_value(value), reason)
	             : set_band(request, json_string_value(value), reason);
}

static bool read_line(struct request *request, const char *line, size_t len, char *reason)
{
	json_error_t error;
	json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	const char *name;
	json_t *value;
	bool good = true;

	if (!json)
		return refuse(reason, "column %d: %s", error.column, error.text);
	if (!json_is_object(json))
		good = refuse(reason, "must be a JSON object");
	json_object_foreach(json, name, value) good =
	        good && set_member(request, name, value, reason);
	json_decref(json);
	return good && check_request(request, reason);
}

static bool is_blank(const char *line)
{
	return line[strspn(line, " \t\r\n")] == '\0';
}

/* Answers what comes before the first bad line, so that a long batch is not for nothing. */
static int answer_batch(FILE *in, const char *name)
{
	char reason[REASON_BYTES];
	char *line = NULL;
	size_t size = 0;
	size_t number = 0;
	ssize_t len;
	int exit_code = EXIT_SUCCESS;

	while (exit_code == EXIT_SUCCESS && (len = getline(&line, &size, in)) >= 0) {
		struct request request = empty_request;

		number++;
		if (is_blank(line))
			continue;
		if (read_line(&request, line, (size_t)len, reason)) {
			const struct answer answer = answer_request(&request);
			print_json(&request, &answer);
			fflush(stdout); /* somebody may be waiting for this line */
		} else {
			warnx("mos: %s:%zu: %s", name, number, reason);
			exit_code = EXIT_USAGE;
		}
	}
	if (ferror(in)) {
		warn("mos: %s", name);
		exit_code = EXIT_FAILURE;
	}
	free(line);
	return exit_code;
}

static int run_batch(const char *name)
{
	if (strcmp(name, "-") == 0)
		return answer_batch(stdin, "standard input");
	FILE *in = fopen(name, "r");
	if (!in) {
		warn("mos: %s", name);
		return EXIT_FAILURE;
	}
	const int exit_code = answer_batch(in, name);
	fclose(in);
	return exit_code;
}

static bool set_option(struct request *request, const char *name, const char *value,
                       char *reason)
{
	if (strcmp(name, "codec") == 0)
		return set_codec(request, value, reason);
	if (strcmp(name, "band") == 0)
		return set_band(request, value, reason);
	char *end;
	const double parsed = strtod(value, &end);
	if (end == value || *end != '\0' || !isfinite(parsed))
		return refuse(reason, "%s: '%s' is not a number", name, value);
	return set_number(request, find_number(name), parsed, reason);
}

struct options {
	struct request request;
	bool has_parameters; /* what a batch takes from its file instead */
	bool json, help;
	const char *batch;
};

static const struct option known_options[] = {
	{ "codec", required_argument, NULL, 'p' },
	{ "band", required_argument, NULL, 'p' },
	{ "ie", required_argument, NULL, 'p' },
	{ "bpl", required_argument, NULL, 'p' },
	{ "loss", required_argument, NULL, 'p' },
	{ "burstr", required_argument, NULL, 'p' },
	{ "delay", required_argument, NULL, 'p' },
	{ "advantage", required_argument, NULL, 'p' },
	{ "json", no_argument, NULL, 'j' },
	{ "batch", required_argument, NULL, 'b' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* Prints what is wrong. */
static bool parse_options(int argc, char **argv, struct options *options)
{
	char reason[REASON_BYTES];
	int option;
	int index;

	optind = 1;
	while ((option = getopt_long(argc, argv, "jh", known_options, &index)) != -1) {
		switch (option) {
		case 'p':
			options->has_parameters = true;
			if (set_option(&options->request, known_options[index].name, optarg,
			               reason))
				break;
			warnx("mos: --%s", reason);
			return false;
		case 'j':
			options->json = true;
			break;
		case 'b':
			options->batch = optarg;
			break;
		case 'h':
			options->help = true;
			break;
		default:
			return false; /* getopt_long has said why */
		}
	}
	if (optind < argc)
		warnx("mos: unexpected '%s'", argv[optind]);
	return optind == argc;
}

/* Prints what is wrong. */
static bool check_options(const struct options *options)
{
	char reason[REASON_BYTES];

	if (options->help)
		return true;
	if (options->batch && options->has_parameters)
		refuse(reason, "--batch takes its parameters from the file alone");
	else if (options->batch || check_request(&options->request, reason))
		return true;
	warnx("mos: %s", reason);
	return false;
}

int command_mos(int argc, char **argv)
{
	struct options options = { .request = empty_request };
	int exit_code = EXIT_SUCCESS;

	if (!parse_options(argc, argv, &options) || !check_options(&options)) {
		fprintf(stderr, "Try 'earshot mos --help'.\n");
		return EXIT_USAGE;
	}
	if (options.help) {
		fputs(help, stdout);
	} else if (options.batch) {
		exit_code = run_batch(options.batch);
	} else {
		const struct answer answer = answer_request(&options.request);
		(options.json ? print_json : print_text)(&options.request, &answer);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		warn("mos: standard output");
		return EXIT_FAILURE;
	}
	return exit_code;
}
