/*
 * command_trunks.c - `earshot trunks`: what each trunk carried, and how it sounded, out of
 * a database.
 */
#include "probe/commands.h"

#include <assert.h>
#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probe/config.h"
#include "probe/filter_option.h"
#include "probe/list.h"
#include "probe/print_text.h"
#include "schema/field_text.h"
#include "schema/kpi.h"
#include "schema/trunk_rows.h"
#include "schema/trunk_sums.h"
#include "web/display.h"
#include "web/record_json.h"

static const char help[] =
        "usage: earshot trunks --db FILE [options]\n"
        "\n"
        "What each trunk of the configuration that the captures were analysed with carried; and\n"
        "likewise each address that is of none, as an unknown peer.  Figures are of legs by\n"
        "their signalling addresses and of streams by their media addresses.\n"
        "\n"
        "  -d, --db FILE     the database\n"
        "  -C, --config FILE this configuration's sites, roles and channels, instead of those\n"
        "                    that the captures were analysed with\n"
        "  -f, --filter EXPR only of calls that match, as in 'start > -2h'; see FILTERS in\n"
        "                    earshot(1)\n"
        "  -n, --limit N     at most so many (default 100)\n"
        "  -j, --json        one JSON object a line\n"
        "  -c, --csv         comma-separated values under a line of names\n"
        "  -h, --help        this text\n"
        "\n"
        "examples:\n"
        "  earshot trunks --db calls.db\n"
        "  earshot trunks --db calls.db --filter 'start > -1d' --json | jq .loss_pct\n";

/* What is shown of one: its sums, and what the configuration says of it. */
struct line {
	struct trunk_sum sum;
	const struct trunk *trunk; /* borrowed; NULL: not in the configuration */
	double channels_needed;    /* NAN: not known */
};

struct lines {
	struct line *list; /* owned */
	size_t count;
};

/* --- collecting ----------------------------------------------------------------------- */

static struct trunk_sum nothing_of(const struct trunk *trunk)
{
	struct trunk_sum sum = {
		.is_trunk = true, .loss_pct = NAN, .mos_lq_mean = NAN, .mos_lq_min = NAN
	};
	(void)text_copy(sum.peer, sizeof sum.peer, text_from(trunk->name));
	return sum;
}

/* What the configuration says: the one given, else the one of the captures. */
struct known {
	const struct trunks *given; /* borrowed; NULL: none */
	struct trunk_rows kept;
	struct kpi_rows loads; /* of each peer; empty with a filter of calls */
	struct kpi_request request;
};

static size_t known_count(const struct known *known)
{
	return known->given ? trunks_count(known->given) : known->kept.count;
}

static const struct trunk *known_at(const struct known *known, size_t i)
{
	return known->given ? trunks_at(known->given, i) : &known->kept.list[i];
}

static const struct trunk *known_by_name(const struct known *known, const char *name)
{
	return known->given ? trunks_by_name(known->given, text_from(name))
	                    : trunk_rows_find(&known->kept, text_from(name));
}

/* Channels for 1 % blocking in the busy hour. */
static double needed_of(const struct known *known, const struct trunk_sum *sum)
{
	const struct kpi_definition *d = kpi_definition_find(TEXT("channels"));
	for (size_t i = 0; i < known->loads.count; i++) {
		const struct kpi_row *row = &known->loads.list[i];
		if (strcmp(sum->is_trunk ? row->key.trunk : row->key.peer, sum->peer) == 0)
			return kpi_row_value(&known->request, d, row);
	}
	return NAN;
}

static struct line line_of(const struct known *known, const struct trunk_sum *sum)
{
	return (struct line){
		.sum = *sum,
		.trunk = sum->is_trunk ? known_by_name(known, sum->peer) : NULL,
		.channels_needed = needed_of(known, sum),
	};
}

static bool has(const struct trunk_sums *sums, const struct trunk *trunk)
{
	for (size_t i = 0; i < sums->count && sums->list[i].is_trunk; i++)
		if (text_equal(text_from(sums->list[i].peer), text_from(trunk->name)))
			return true;
	return false;
}

/* Trunks that carried something, those of the configuration that did not, unknown peers. */
static bool collect(const struct trunk_sums *sums, const struct known *known,
                    struct lines *out)
{
	size_t i = 0;
	out->list = calloc(sums->count + known_count(known) + 1, sizeof *out->list);
	if (!out->list)
		return false;
	for (; i < sums->count && sums->list[i].is_trunk; i++)
		out->list[out->count++] = line_of(known, &sums->list[i]);
	for (size_t t = 0; t < known_count(known); t++) {
		const struct trunk *trunk = known_at(known, t);
		const struct trunk_sum nothing = nothing_of(trunk);
		if (!has(sums, trunk))
			out->list[out->count++] = line_of(known, &nothing);
	}
	for (; i < sums->count; i++)
		out->list[out->count++] = line_of(known, &sums->list[i]);
	return true;
}

/* --- figures -------------------------------------------------------------------------- */

/* Of a peer that somebody was seen to register with; else NULL. */
static const char *registration(const struct line *line)
{
	if (line->sum.registrations == 0)
		return NULL;
	return line->sum.registered ? "registered" : "not_registered";
}

static const char *site(const struct line *line)
{
	return line->trunk && line->trunk->site[0] ? line->trunk->site : NULL;
}

static const char *role(const struct line *line)
{
	return line->trunk ? trunk_role_names[line->trunk->role] : NULL;
}

static const char *type(const struct line *line)
{
	return line->trunk ? trunk_type_names[line->trunk->type] : NULL;
}

static const char *trunk(const struct line *line)
{
	return line->sum.is_trunk ? line->sum.peer : NULL;
}

static const char *address(const struct line *line)
{
	return line->sum.is_trunk ? NULL : line->sum.peer;
}

static const char *band(const struct line *line)
{
	const struct record record = { .kind = RECORD_CALL,
		                       .call.mos_lq_min_band = line->sum.mos_lq_min_band };
	const struct field_table table = record_fields(RECORD_CALL);
	for (size_t i = 0; i < table.count; i++)
		if (table.fields[i].offset == offsetof(struct record, call.mos_lq_min_band))
			return field_name_of(&table.fields[i], &record);
	return NULL;
}

/* NAN: not said. */
static double channels(const struct line *line)
{
	return line->trunk && line->trunk->channels ? (double)line->trunk->channels : NAN;
}

static double channels_used_pct(const struct line *line)
{
	return 100 * (double)line->sum.legs_peak / channels(line);
}

static double channels_needed(const struct line *line)
{
	return line->channels_needed;
}

/* One value for programs; what a row is made of, in their order. */
static const struct {
	const char *name;
	const char *(*word)(const struct line *line); /* or: */
	double (*real)(const struct line *line);      /* or: */
	size_t offset; /* of a double or uint64_t in the sum */
	bool is_real;
} values[] = {
	{ "trunk", .word = trunk },
	{ "address", .word = address },
	{ "site", .word = site },
	{ "role", .word = role },
	{ "type", .word = type },
	{ "registration", .word = registration },
	{ "registered", .offset = offsetof(struct trunk_sum, registered) },
	{ "legs_in", .offset = offsetof(struct trunk_sum, legs_in) },
	{ "legs_out", .offset = offsetof(struct trunk_sum, legs_out) },
	{ "answered", .offset = offsetof(struct trunk_sum, answered) },
	{ "failed", .offset = offsetof(struct trunk_sum, failed) },
	{ "legs_peak", .offset = offsetof(struct trunk_sum, legs_peak) },
	{ "capacity_rejects", .offset = offsetof(struct trunk_sum, capacity_rejects) },
	{ "channels", .real = channels },
	{ "channels_used_pct", .real = channels_used_pct },
	{ "channels_needed", .real = channels_needed },
	{ "streams", .offset = offsetof(struct trunk_sum, streams) },
	{ "loss_pct", .offset = offsetof(struct trunk_sum, loss_pct), .is_real = true },
	{ "mos_lq_mean", .offset = offsetof(struct trunk_sum, mos_lq_mean),
	  .is_real = true },
	{ "mos_lq_min", .offset = offsetof(struct trunk_sum, mos_lq_min), .is_real = true },
	{ "mos_lq_min_band", .word = band },
};

static double real_of(const struct line *line, size_t i)
{
	double value;
	if (values[i].real)
		return values[i].real(line);
	memcpy(&value, (const char *)&line->sum + values[i].offset, sizeof value);
	return value;
}

static uint64_t count_of(const struct line *line, size_t i)
{
	uint64_t value;
	memcpy(&value, (const char *)&line->sum + values[i].offset, sizeof value);
	return value;
}

static void add_json(struct buffer *to, const struct line *line)
{
	buffer_add(to, TEXT("{\"kind\":\"trunk\""));
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		const char *word = values[i].word ? values[i].word(line) : NULL;
		json_add_name(to, values[i].name);
		if (word)
			display_json(to, text_from(word));
		else if (values[i].word)
			buffer_add(to, TEXT("null"));
		else if (values[i].real || values[i].is_real)
			display_json_real(to, real_of(line, i));
		else
			display_json_count(to, count_of(line, i));
	}
	buffer_add(to, TEXT("}\n"));
}

static void add_csv_names(struct buffer *to)
{
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		buffer_format(to, "%s%s", i ? "," : "", values[i].name);
	buffer_add(to, TEXT("\r\n"));
}

static void add_csv(struct buffer *to, const struct line *line)
{
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		const char *word = values[i].word ? values[i].word(line) : NULL;
		if (i)
			buffer_add_char(to, ',');
		if (word)
			display_csv(to, text_from(word));
		else if (values[i].real && isfinite(real_of(line, i)))
			buffer_format(to, "%.0f", real_of(line, i));
		else if (values[i].is_real && isfinite(real_of(line, i)))
			buffer_format(to, "%.2f", real_of(line, i));
		else if (!values[i].word && !values[i].real && !values[i].is_real)
			buffer_add_number(to, count_of(line, i));
	}
	buffer_add(to, TEXT("\r\n"));
}

/* --- for people ----------------------------------------------------------------------- */

static const struct {
	const char *title;
	bool right;
} heads[] = {
	{ "trunk", false },        { "site", false },    { "role", false },
	{ "registration", false }, { "in", true },       { "out", true },
	{ "answered", true },      { "failed", true },   { "no channel", true },
	{ "peak", true },          { "channels", true }, { "used %", true },
	{ "needed", true },        { "streams", true },  { "loss %", true },
	{ "MOS mean", true },      { "worst", true },
};
static_assert(ARRAY_LEN(heads) <= TABLE_MAX_COLUMNS, "they fit");

static void add_word(struct table *table, const char *word)
{
	list_cell_wire(table, word ? word : "");
}

static void add_row(struct table *table, const struct line *line)
{
	const struct trunk_sum *sum = &line->sum;
	struct buffer *cells = &table->cells;
	if (!sum->is_trunk)
		buffer_add(cells, TEXT("unknown peer "));
	display_text(cells, text_from(sum->peer));
	table_end_cell(table);
	add_word(table, site(line));
	add_word(table, role(line));
	add_word(table, registration(line)
	                        ? sum->registered ? "registered" : "not registered"
	                        : NULL);
	list_cell_count(table, sum->legs_in);
	list_cell_count(table, sum->legs_out);
	list_cell_count(table, sum->answered);
	list_cell_count(table, sum->failed);
	list_cell_count(table, sum->capacity_rejects);
	list_cell_count(table, sum->legs_peak);
	list_cell_real(table, channels(line), 0);
	list_cell_real(table, channels_used_pct(line), 0);
	list_cell_real(table, channels_needed(line), 0);
	list_cell_count(table, sum->streams);
	list_cell_real(table, sum->loss_pct, 2);
	list_cell_real(table, sum->mos_lq_mean, 2);
	text_add_mos(cells, sum->mos_lq_min, sum->mos_lq_min_band);
	table_end_cell(table);
}

static void add_table(struct buffer *to, const struct lines *lines, size_t count)
{
	const char *titles[ARRAY_LEN(heads)];
	bool right[ARRAY_LEN(heads)];
	struct table table;
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		titles[i] = heads[i].title;
		right[i] = heads[i].right;
	}
	table_begin(&table, ARRAY_LEN(heads), titles, right);
	for (size_t i = 0; i < count; i++)
		add_row(&table, &lines->list[i]);
	table_add_to(&table, to, print_wants_colour(stdout));
	table_free(&table);
}

static bool print(const struct options *options, const struct lines *lines)
{
	struct buffer out = { 0 };
	const size_t count = lines->count < options->limit ? lines->count : options->limit;
	if (options->mode == PRINT_TEXT)
		add_table(&out, lines, count);
	if (options->mode == PRINT_CSV)
		add_csv_names(&out);
	for (size_t i = 0; i < count; i++) {
		if (options->mode == PRINT_JSON)
			add_json(&out, &lines->list[i]);
		if (options->mode == PRINT_CSV)
			add_csv(&out, &lines->list[i]);
	}
	const bool written = buffer_write(&out, stdout);
	buffer_free(&out);
	return written;
}

/* --- the command ---------------------------------------------------------------------- */

/* Buckets know nothing of single calls: with a filter they would be of others. */
static enum status learn(struct query *query, const struct filter *filter,
                         struct known *known)
{
	known->request = (struct kpi_request){ .by = KPI_BY_PEER,
		                               .from = NSTIME_NONE,
		                               .to = NSTIME_NONE };
	known->request.no_peaks = true;
	if (kpi_request_check(&known->request))
		return ERR_UNSUPPORTED;
	const enum status status = trunk_rows_read(query, &known->kept);
	return status != OK || filter ? status
	                              : kpi_ask(query, &known->request, &known->loads);
}

static bool show_lines(const char *command, const struct options *options,
                       const struct trunk_sums *sums, const struct known *known)
{
	struct lines lines = { 0 };
	const bool done = collect(sums, known, &lines) && print(options, &lines);
	if (!done)
		warnx("%s: out of memory or the output is closed", command);
	if (lines.count > options->limit)
		warnx("%s: there are more than these %zu; see --limit", command,
		      options->limit);
	free(lines.list);
	return done;
}

static int show(const char *command, const struct options *options,
                const struct filter *filter, const struct config *config)
{
	struct trunk_sums sums = { 0 };
	struct known known = { .given = options->config ? config->trunks : NULL };
	int exit_status = EXIT_FAILURE;
	struct query *query = options_open(command, options);
	if (!query)
		return EXIT_FAILURE;
	if (trunk_sums_ask(query, filter, filter_option_now(), &sums) != OK ||
	    learn(query, filter, &known) != OK)
		warnx("%s: %s", command, query_error(query));
	else if (show_lines(command, options, &sums, &known))
		exit_status = options_flush_stdout();
	trunk_rows_free(&known.kept);
	kpi_rows_free(&known.loads);
	trunk_sums_free(&sums);
	query_close(query);
	return exit_status;
}

static bool load(const char *command, const struct options *options, struct config *config)
{
	struct config_error error;
	if (!options->config || config_load(config, options->config, &error) == OK)
		return true;
	warnx("%s: %s", command, error.text);
	return false;
}

int command_trunks(int argc, char **argv)
{
	static const struct options_wanted wanted = { .help = help,
		                                      .list = true,
		                                      .config = true };
	struct options options;
	struct filter *filter = NULL;
	int exit_status = EXIT_USAGE;
	if (!options_read(argc, argv, &wanted, &options, &exit_status))
		return exit_status;
	struct config *config = config_new();
	if (!config) {
		warnx("%s: out of memory", argv[0]);
		return EXIT_FAILURE;
	}
	exit_status = EXIT_USAGE;
	if (load(argv[0], &options, config) &&
	    (!options.filter ||
	     (filter = filter_option(argv[0], options.filter, RECORD_CALL))))
		exit_status = show(argv[0], &options, filter, config);
	filter_free(filter);
	config_free(config);
	return exit_status;
}
