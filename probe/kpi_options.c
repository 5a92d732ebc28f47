#include "probe/kpi_options.h"

#include <err.h>
#include <getopt.h>
#include <string.h>

#include "probe/filter_option.h"
#include "probe/local_time_zone.h"
#include "schema/filter_time.h"

static const struct option known_options[] = {
	{ "db", required_argument, NULL, 'd' },
	{ "group-by", required_argument, NULL, 'g' },
	{ "step", required_argument, NULL, 's' },
	{ "view", required_argument, NULL, 'v' },
	{ "from", required_argument, NULL, 'f' },
	{ "to", required_argument, NULL, 't' },
	{ "filter", required_argument, NULL, 'F' },
	{ "kpi", required_argument, NULL, 'k' },
	{ "time-zone", required_argument, NULL, 'z' },
	{ "config", required_argument, NULL, 'C' },
	{ "json", no_argument, NULL, 'j' },
	{ "csv", no_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* 0: none of them; says which there are. */
static unsigned int take_word(const char *option, enum kpi_word kind, const char *word)
{
	const unsigned int value = kpi_word_value(kind, text_from(word));
	if (!value)
		warnx("kpis: --%s: '%s' is none of %s", option, word, kpi_words(kind));
	return value;
}

static bool take_groups(struct kpi_options *o, const char *list)
{
	struct text unknown;
	if (kpi_read_by(text_from(list), &o->request.by, &unknown))
		return true;
	warnx("kpis: --group-by: '%.*s' is none of %s", (int)unknown.len, unknown.at,
	      kpi_words(KPI_WORD_BY));
	return false;
}

static bool take_columns(struct kpi_options *o, const char *list)
{
	struct text unknown;
	if (kpi_read_columns(text_from(list), &o->columns, &unknown))
		return true;
	warnx("kpis: --kpi: no figure is called '%.*s'; see earshot explain kpi",
	      (int)unknown.len, unknown.at);
	return false;
}

static bool take_filter(struct kpi_options *o, const char *text)
{
	filter_free(o->filter);
	o->filter = filter_option("kpis", text, RECORD_KPI);
	o->request.filter = o->filter;
	o->request.now = filter_option_now();
	return o->filter;
}

static bool take_time(const char *option, const char *text, nstime *out)
{
	nstime offset;
	if (filter_time_relative(text_from(text), &offset) == OK) {
		*out = filter_option_now() + offset;
		return true;
	}
	if (filter_time_absolute(text_from(text), out) == OK)
		return true;
	warnx("kpis: --%s: '%s' is no time: 2024-05-01T10:00:00Z, 2024-05-01 (UTC), -2h",
	      option, text);
	return false;
}

/* A zone that is not there would be taken for UTC in silence. */
static bool take_time_zone(struct kpi_options *o, const char *name)
{
	if (local_time_is_zone(name) &&
	    text_copy(o->time_zone, sizeof o->time_zone, text_from(name)))
		return true;
	warnx("kpis: --time-zone: '%s' is no time zone, as Europe/Berlin is", name);
	return false;
}

/* Of the configuration nothing else matters here. */
static bool take_config(struct kpi_options *o, const char *path)
{
	struct config *config = config_new();
	struct config_error error = { "memory ran out" };
	const bool good = config && config_load(config, path, &error) == OK;
	if (good)
		memcpy(o->time_zone, config->time_zone, sizeof o->time_zone);
	else
		warnx("%s", error.text);
	config_free(config);
	return good;
}

static bool take_option(struct kpi_options *o, int option, const char *argument)
{
	switch (option) {
	case 'd':
		o->db = argument;
		return true;
	case 'g':
		return take_groups(o, argument);
	case 's':
		o->request.step = (enum kpi_step)take_word("step", KPI_WORD_STEP, argument);
		return o->request.step != KPI_STEP_NONE;
	case 'v':
		o->request.view = (enum kpi_view)take_word("view", KPI_WORD_VIEW, argument);
		return o->request.view != KPI_VIEW_NONE;
	case 'f':
		return take_time("from", argument, &o->request.from);
	case 't':
		return take_time("to", argument, &o->request.to);
	case 'F':
		return take_filter(o, argument);
	case 'k':
		return take_columns(o, argument);
	case 'z':
		return take_time_zone(o, argument);
	case 'C':
		return take_config(o, argument);
	case 'j':
		o->mode = PRINT_JSON;
		return true;
	case 'c':
		o->mode = PRINT_CSV;
		return true;
	case 'h':
		o->help = true;
		return true;
	default:
		return false;
	}
}

static void choose_zone(struct kpi_options *o)
{
	if (!o->time_zone[0])
		return;
	text_copy(o->zone.name, sizeof o->zone.name, text_from(o->time_zone));
	local_time_of_zone(o->time_zone, &o->zone.time);
	o->request.zone = &o->zone;
}

bool kpi_options_read(int argc, char **argv, struct kpi_options *out)
{
	int option;
	*out = (struct kpi_options){ .request = { .from = NSTIME_NONE,
		                                  .to = NSTIME_NONE } };
	optind = 1;
	while ((option = getopt_long(argc, argv, "d:g:s:v:f:t:F:k:z:C:jch", known_options,
	                             NULL)) != -1) {
		if (!take_option(out, option, optarg))
			return false;
	}
	if (out->help)
		return true;
	const char *wrong = kpi_request_check(&out->request);
	choose_zone(out);
	if (optind < argc)
		warnx("kpis: unexpected '%s'", argv[optind]);
	else if (!out->db)
		warnx("kpis: which database? give --db FILE");
	else if (wrong)
		warnx("kpis: %s", wrong);
	else
		return true;
	return false;
}

void kpi_options_free(struct kpi_options *options)
{
	filter_free(options->filter);
}
