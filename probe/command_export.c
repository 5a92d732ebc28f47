/*
 * command_export.c - `earshot export`: all records of a kind, as they were written, for
 * another program; what comes later is exported by going on.
 */
#include "probe/commands.h"

#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "probe/accounts_file.h"
#include "probe/export_file.h"
#include "probe/filter_option.h"
#include "probe/option_table.h"
#include "probe/options.h"
#include "web/mask.h"
#include "web/record_csv.h"
#include "web/record_json.h"

static const char help[] =
        "usage: earshot export --db FILE [options]\n"
        "\n"
        "All records of a kind that a database has, in the order in which they were written,\n"
        "as JSON objects one a line, or as CSV.  At the end it says how to go on with what has\n"
        "been written by then.  A record that is changed later is not exported again.\n"
        "\n"
        "  -d, --db FILE      the database; it may be in use\n"
        "  -k, --kind KIND    calls (default), legs, streams, findings, reports, registrations,\n"
        "                     encrypted, events, security, alerts\n"
        "  -f, --filter EXPR  only the records that match; see FILTERS in earshot(1)\n"
        "  -j, --json         one JSON object a line (default)\n"
        "  -c, --csv          comma-separated values under a line of names\n"
        "  -m, --mask         people's numbers, names and addresses as the pseudonyms that the\n"
        "                     API shows without the right pii\n"
        "  -o, --output FILE  a file that is there whole or not at all; else standard output\n"
        "  -n, --limit N      at most so many records\n"
        "  -a, --after PLACE  go on behind what an export before said\n"
        "  -r, --resume FILE  go on where FILE says that the output file ends, and keep it\n"
        "                     there; what a run that was cut off left behind goes\n"
        "  -h, --help         this text\n"
        "\n"
        "examples:\n"
        "  earshot export --db calls.db --csv -o calls.csv\n"
        "  earshot export --db calls.db --kind legs --filter 'status >= 500' | jq .reason\n"
        "  earshot export --db calls.db --resume calls.place -o calls.jsonl  # each night\n";

enum { BATCH = 2000 /* records; the database is not kept from its upkeep for longer */ };

static const struct {
	const char *name;
	enum record_kind kind;
} kinds[] = {
	{ "calls", RECORD_CALL },           { "legs", RECORD_LEG },
	{ "streams", RECORD_STREAM },       { "findings", RECORD_FINDING },
	{ "reports", RECORD_REPORT },       { "registrations", RECORD_REGISTRATION },
	{ "encrypted", RECORD_ENCRYPTED },  { "events", RECORD_EVENT },
	{ "security", RECORD_OBSERVATION }, { "alerts", RECORD_ALERT },
};

struct export_options {
	const char *db, *output, *resume, *filter;
	size_t kind;           /* of kinds */
	uint64_t after, limit; /* 0 = none */
	bool csv, mask;
};

struct export
{
	const struct export_options *options;
	struct query *query;
	struct filter *filter;
	struct export_file file;
	uint64_t count;
};

static bool take_kind(void *into, char *name)
{
	struct export_options *o = into;
	for (o->kind = 0; o->kind < ARRAY_LEN(kinds); o->kind++)
		if (strcmp(kinds[o->kind].name, name) == 0)
			return true;
	warnx("export: --kind: '%s' is none of those that --help lists", name);
	return false;
}

static bool take_number(const char *option, const char *value, uint64_t *out)
{
	if (text_number(text_from(value), INT64_MAX, out) == OK)
		return true;
	warnx("export: --%s: '%s' is not a number", option, value);
	return false;
}

static bool take_limit(void *into, char *value)
{
	struct export_options *o = into;
	return take_number("limit", value, &o->limit);
}

static bool take_after(void *into, char *value)
{
	struct export_options *o = into;
	return take_number("after", value, &o->after);
}

/* clang-format off */
#define AT(member) offsetof(struct export_options, member)
static const struct option_row option_rows[] = {
	{ "db", 'd', OPTION_WORD, AT(db) },
	{ "kind", 'k', OPTION_TAKE, .take = take_kind },
	{ "filter", 'f', OPTION_WORD, AT(filter) },
	{ "json", 'j', OPTION_NO_FLAG, AT(csv) },
	{ "csv", 'c', OPTION_FLAG, AT(csv) },
	{ "mask", 'm', OPTION_FLAG, AT(mask) },
	{ "output", 'o', OPTION_WORD, AT(output) },
	{ "limit", 'n', OPTION_TAKE, .take = take_limit },
	{ "after", 'a', OPTION_TAKE, .take = take_after },
	{ "resume", 'r', OPTION_WORD, AT(resume) },
	{ "help", 'h', OPTION_HELP },
};
/* clang-format on */

/* Prints what is missing or does not go together. */
static bool check_options(char **argv, int argc, const struct export_options *options)
{
	if (optind < argc)
		warnx("%s: unexpected '%s'", argv[0], argv[optind]);
	else if (!options->db)
		warnx("%s: which database? give --db FILE", argv[0]);
	else if (options->resume && !options->output)
		warnx("%s: --resume needs --output", argv[0]);
	else if (options->resume && options->after)
		warnx("%s: --resume and --after both say where to go on", argv[0]);
	else if (options->filter && strchr(options->filter, '\n'))
		warnx("%s: --filter: one line, please", argv[0]);
	else
		return true;
	return false;
}

/* The next batch: *more when there may be another. */
static enum status add_batch(struct export *e, struct buffer *records, bool *more)
{
	const struct export_options *options = e->options;
	const uint64_t left = options->limit ? options->limit - e->count : BATCH;
	const struct query_walk walk = { .kind = kinds[options->kind].kind,
		                         .filter = e->filter,
		                         .now = filter_option_now(),
		                         .after = e->file.place,
		                         .limit = left < BATCH ? (size_t)left : BATCH };
	struct rows rows;
	struct record record;
	size_t count = 0;
	int64_t place = e->file.place;
	if (options->csv && !e->file.begun)
		csv_add_header(records, walk.kind);
	enum status status = query_walk(e->query, &walk, &rows);
	while (status == OK && (status = rows_next(&rows, &record)) == OK) {
		if (options->csv)
			csv_add_record(records, &record);
		else
			json_add_record(records, &record);
		place = rows.place;
		count++;
	}
	rows_end(&rows);
	if (status != ERR_NOT_FOUND) {
		warnx("export: %s", query_error(e->query));
		return status;
	}
	*more = count == walk.limit &&
	        (!options->limit || e->count + count < options->limit);
	if ((records->len > 0 || count > 0) && !export_file_add(&e->file, records, place)) {
		warn("export: %s", options->output ? options->output : "standard output");
		return ERR_IO;
	}
	e->count += count;
	return OK;
}

static void tell(const struct export *e)
{
	const struct export_options *options = e->options;
	fprintf(stderr, "export: %llu %s; ", (unsigned long long)e->count,
	        kinds[options->kind].name);
	if (options->resume)
		fprintf(stderr, "the same command goes on behind them\n");
	else
		fprintf(stderr, "--after %lld goes on behind them\n",
		        (long long)e->file.place);
}

static int export_all(struct export *e)
{
	struct buffer records = { 0 };
	char error[512];
	bool more = true;
	const struct export_options *options = e->options;
	const struct export_question question = { .kind = kinds[options->kind].name,
		                                  .format = options->csv ? "csv" : "json",
		                                  .filter = options->filter
		                                                    ? options->filter
		                                                    : "",
		                                  .masked = options->mask };
	if (!export_file_open(&e->file, options->output, options->resume, &question, error,
	                      sizeof error)) {
		warnx("export: %s", error);
		return EXIT_FAILURE;
	}
	if (options->after) {
		e->file.place = (int64_t)options->after;
		e->file.begun = !options->output; /* a file of its own has its header */
	}
	enum status status = OK;
	while (status == OK && more)
		status = add_batch(e, &records, &more);
	buffer_free(&records);
	errno = 0;
	if (!export_file_close(&e->file, status == OK)) {
		if (status == OK)
			warn("export: %s",
			     options->output ? options->output : "standard output");
		return EXIT_FAILURE;
	}
	tell(e);
	return EXIT_SUCCESS;
}

/* With the key by which the server of this database makes pseudonyms. */
static bool read_key(const char *db, uint8_t key[SECRET_BYTES])
{
	struct accounts *accounts = NULL;
	struct db_error error;
	uint8_t fresh[SECRET_BYTES];
	if (!secret_init()) {
		warnx("export: this system has no random numbers");
		return false;
	}
	secret_draw(fresh);
	enum status status = accounts_file_open(db, &accounts, &error);
	if (status != OK)
		warnx("export: %s", error.text);
	else if ((status = accounts_secret(accounts, "pseudonyms", fresh, key)) != OK)
		warnx("export: %s", accounts_error(accounts));
	accounts_close(accounts);
	return status == OK;
}

static int export_masked(struct export *e)
{
	struct mask mask;
	uint8_t key[SECRET_BYTES];
	const struct field *hidden =
	        e->filter ? filter_asks_for(e->filter, mask_hides) : NULL;
	if (hidden) {
		warnx("export: --filter: %s may name a person, whom --mask hides",
		      hidden->name);
		return EXIT_USAGE;
	}
	if (!read_key(e->options->db, key))
		return EXIT_FAILURE;
	mask_init(&mask, key);
	const struct query_lens lens = mask_lens(&mask);
	query_look_through(e->query, &lens);
	const int exit_status = export_all(e);
	mask_free(&mask);
	return exit_status;
}

int command_export(int argc, char **argv)
{
	struct export_options options = { 0 };
	struct export e = { .options = &options };
	struct db_error error;
	int exit_status = EXIT_SUCCESS;
	enum option_outcome outcome = option_table_read(option_rows, ARRAY_LEN(option_rows),
	                                                argc, argv, &options);
	if (outcome == OPTIONS_GOOD && !check_options(argv, argc, &options))
		outcome = OPTIONS_WRONG;
	if (outcome != OPTIONS_GOOD)
		return option_table_stop(outcome, argv[0], help);
	if (options.filter &&
	    !(e.filter = filter_option(argv[0], options.filter, kinds[options.kind].kind)))
		return EXIT_USAGE;
	if (query_open(options.db, &e.query, &error) != OK) {
		warnx("%s: %s", argv[0], error.text);
		exit_status = EXIT_FAILURE;
	} else {
		exit_status = options.mask ? export_masked(&e) : export_all(&e);
	}
	query_close(e.query);
	filter_free(e.filter);
	return exit_status;
}
