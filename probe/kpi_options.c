#include "probe/kpi_options.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct option known_options[] = {
	{ "db", required_argument, NULL, 'd' },
	{ "group-by", required_argument, NULL, 'g' },
	{ "step", required_argument, NULL, 's' },
	{ "view", required_argument, NULL, 'v' },
	{ "from", required_argument, NULL, 'f' },
	{ "to", required_argument, NULL, 't' },
	{ "kpi", required_argument, NULL, 'k' },
	{ "time-zone", required_argument, NULL, 'z' },
	{ "config", required_argument, NULL, 'C' },
	{ "json", no_argument, NULL, 'j' },
	{ "csv", no_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

struct word {
	const char *name;
	unsigned int value;
};

static const struct word groups[] = {
	{ "trunk", KPI_BY_TRUNK },   { "direction", KPI_BY_DIRECTION },
	{ "prefix", KPI_BY_PREFIX }, { "codec", KPI_BY_CODEC },
	{ "code", KPI_BY_CODE },     { "hour-of-week", KPI_BY_HOUR_OF_WEEK },
};
static const struct word steps[] = {
	{ "minute", KPI_STEP_MINUTE },
	{ "hour", KPI_STEP_HOUR },
	{ "day", KPI_STEP_DAY },
};
static const struct word views[] = {
	{ "leg", KPI_VIEW_LEG },
	{ "trunk", KPI_VIEW_TRUNK },
	{ "call", KPI_VIEW_CALL },
};

/* 0: none of them; says which there are. */
static unsigned int word_of(const char *option, struct text name, const struct word *words,
                            size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal(name, text_from(words[i].name)))
			return words[i].value;
	}
	fprintf(stderr, "earshot: kpis: --%s: '%.*s' is none of", option, (int)name.len,
	        name.at);
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "%s %s", i ? "," : "", words[i].name);
	fputc('\n', stderr);
	return 0;
}

static bool take_groups(struct kpi_options *o, const char *list)
{
	struct text rest = text_from(list);
	while (rest.len > 0) {
		const unsigned int by = word_of("group-by", text_cut(&rest, ','), groups,
		                                ARRAY_LEN(groups));
		if (!by)
			return false;
		o->request.by |= by;
	}
	return true;
}

static bool take_columns(struct kpi_options *o, const char *list)
{
	struct text rest = text_from(list);
	while (rest.len > 0) {
		const struct text name = text_cut(&rest, ',');
		const struct kpi_definition *d = kpi_definition_find(name);
		if (!d || o->column_count == KPI_COLUMNS_MAX) {
			warnx("kpis: --kpi: no figure is called '%.*s'; see earshot "
			      "explain kpi",
			      (int)name.len, name.at);
			return false;
		}
		o->columns[o->column_count++] = d;
	}
	return true;
}

/* "-90m": that long ago. */
static bool take_past(const char *text, nstime *out)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 }
	};
	const struct text t = text_from(text);
	uint64_t number = 0;
	if (t.len < 3 || t.at[0] != '-' ||
	    text_number(text_head(text_skip(t, 1), t.len - 2), 100000, &number) != OK)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (units[i].unit == t.at[t.len - 1]) {
			*out = ((nstime)time(NULL) - (nstime)number * units[i].seconds) *
			       NS_PER_SEC;
			return true;
		}
	}
	return false;
}

static bool take_time(const char *option, const char *text, nstime *out)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ",
		                             "%Y-%m-%d" };
	if (take_past(text, out))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct tm parts = { 0 };
		const char *end = strptime(text, forms[i], &parts);
		if (end && !*end) {
			*out = (nstime)timegm(&parts) * NS_PER_SEC;
			return true;
		}
	}
	warnx("kpis: --%s: '%s' is no time: 2024-05-01T10:00:00Z, 2024-05-01 (UTC), -2h",
	      option, text);
	return false;
}

/* A zone that is not there would be taken for UTC in silence. */
static bool take_time_zone(struct kpi_options *o, const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
	if (!*name || strstr(name, "..") ||
	    (strcmp(name, "UTC") != 0 && access(path, R_OK) != 0)) {
		warnx("kpis: --time-zone: '%s' is no time zone, as Europe/Berlin is", name);
		return false;
	}
	return text_copy(o->time_zone, sizeof o->time_zone, text_from(name));
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
		o->request.step = (enum kpi_step)word_of("step", text_from(argument), steps,
		                                         ARRAY_LEN(steps));
		return o->request.step != KPI_STEP_NONE;
	case 'v':
		o->request.view = (enum kpi_view)word_of("view", text_from(argument), views,
		                                         ARRAY_LEN(views));
		return o->request.view != KPI_VIEW_NONE;
	case 'f':
		return take_time("from", argument, &o->request.from);
	case 't':
		return take_time("to", argument, &o->request.to);
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

bool kpi_options_read(int argc, char **argv, struct kpi_options *out)
{
	int option;
	*out = (struct kpi_options){ .request = { .from = NSTIME_NONE,
		                                  .to = NSTIME_NONE } };
	optind = 1;
	while ((option = getopt_long(argc, argv, "d:g:s:v:f:t:k:z:C:jch", known_options,
	                             NULL)) != -1) {
		if (!take_option(out, option, optarg))
			return false;
	}
	const bool of_trunks = out->request.by & (KPI_BY_TRUNK | KPI_BY_DIRECTION);
	if (out->request.view == KPI_VIEW_NONE)
		out->request.view = of_trunks ? KPI_VIEW_TRUNK : KPI_VIEW_LEG;
	if (out->help)
		return true;
	if (optind < argc)
		warnx("kpis: unexpected '%s'", argv[optind]);
	else if (!out->db)
		warnx("kpis: which database? give --db FILE");
	else if (of_trunks && out->request.view == KPI_VIEW_LEG)
		warnx("kpis: --view leg counts each leg once, whatever its trunks: leave it out "
		      "to group by trunk or direction");
	else
		return true;
	return false;
}
