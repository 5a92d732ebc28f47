#include "probe/kpi_options.h"

#include <err.h>
#include <stddef.h>
#include <string.h>

#include "probe/filter_option.h"
#include "probe/local_time_zone.h"
#include "schema/filter_time.h"

/* 0: none of them; says which there are. */
static unsigned int take_word(const char *option, enum kpi_word kind, const char *word)
{
	const unsigned int value = kpi_word_value(kind, text_from(word));
	if (!value)
		warnx("kpis: --%s: '%s' is none of %s", option, word, kpi_words(kind));
	return value;
}

static bool take_groups(void *into, char *list)
{
	struct kpi_options *o = into;
	struct text unknown;
	if (kpi_read_by(text_from(list), &o->request.by, &unknown))
		return true;
	warnx("kpis: --group-by: '%.*s' is none of %s", (int)unknown.len, unknown.at,
	      kpi_words(KPI_WORD_BY));
	return false;
}

static bool take_columns(void *into, char *list)
{
	struct kpi_options *o = into;
	struct text unknown;
	if (kpi_read_columns(text_from(list), &o->columns, &unknown))
		return true;
	warnx("kpis: --kpi: no figure is called '%.*s'; see earshot explain kpi",
	      (int)unknown.len, unknown.at);
	return false;
}

static bool take_filter(void *into, char *text)
{
	struct kpi_options *o = into;
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
static bool take_time_zone(void *into, char *name)
{
	struct kpi_options *o = into;
	if (local_time_is_zone(name) &&
	    text_copy(o->time_zone, sizeof o->time_zone, text_from(name)))
		return true;
	warnx("kpis: --time-zone: '%s' is no time zone, as Europe/Berlin is", name);
	return false;
}

/* Of the configuration nothing else matters here. */
static bool take_config(void *into, char *path)
{
	struct kpi_options *o = into;
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

static bool take_step(void *into, char *word)
{
	struct kpi_options *o = into;
	o->request.step = (enum kpi_step)take_word("step", KPI_WORD_STEP, word);
	return o->request.step != KPI_STEP_NONE;
}

static bool take_view(void *into, char *word)
{
	struct kpi_options *o = into;
	o->request.view = (enum kpi_view)take_word("view", KPI_WORD_VIEW, word);
	return o->request.view != KPI_VIEW_NONE;
}

static bool take_from(void *into, char *time)
{
	struct kpi_options *o = into;
	return take_time("from", time, &o->request.from);
}

static bool take_to(void *into, char *time)
{
	struct kpi_options *o = into;
	return take_time("to", time, &o->request.to);
}

/* clang-format off */
static const struct option_row option_rows[] = {
	{ "db", 'd', OPTION_WORD, offsetof(struct kpi_options, db) },
	{ "group-by", 'g', OPTION_TAKE, .take = take_groups },
	{ "step", 's', OPTION_TAKE, .take = take_step },
	{ "view", 'v', OPTION_TAKE, .take = take_view },
	{ "from", 'f', OPTION_TAKE, .take = take_from },
	{ "to", 't', OPTION_TAKE, .take = take_to },
	{ "filter", 'F', OPTION_TAKE, .take = take_filter },
	{ "kpi", 'k', OPTION_TAKE, .take = take_columns },
	{ "time-zone", 'z', OPTION_TAKE, .take = take_time_zone },
	{ "config", 'C', OPTION_TAKE, .take = take_config },
	{ "json", 'j', OPTION_SET, offsetof(struct kpi_options, mode), .value = PRINT_JSON },
	{ "csv", 'c', OPTION_SET, offsetof(struct kpi_options, mode), .value = PRINT_CSV },
	{ "help", 'h', OPTION_HELP },
};
/* clang-format on */

static void choose_zone(struct kpi_options *o)
{
	if (!o->time_zone[0])
		return;
	text_copy(o->zone.name, sizeof o->zone.name, text_from(o->time_zone));
	local_time_of_zone(o->time_zone, &o->zone.time);
	o->request.zone = &o->zone;
}

enum option_outcome kpi_options_read(int argc, char **argv, struct kpi_options *out)
{
	*out = (struct kpi_options){ .request = { .from = NSTIME_NONE,
		                                  .to = NSTIME_NONE } };
	const enum option_outcome outcome =
	        option_table_read(option_rows, ARRAY_LEN(option_rows), argc, argv, out);
	if (outcome != OPTIONS_GOOD)
		return outcome;
	const char *wrong = kpi_request_check(&out->request);
	choose_zone(out);
	if (optind < argc)
		warnx("kpis: unexpected '%s'", argv[optind]);
	else if (!out->db)
		warnx("kpis: which database? give --db FILE");
	else if (wrong)
		warnx("kpis: %s", wrong);
	else
		return OPTIONS_GOOD;
	return OPTIONS_WRONG;
}

void kpi_options_free(struct kpi_options *options)
{
	filter_free(options->filter);
}
