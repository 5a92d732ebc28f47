/*
 * command_explain.c - `earshot explain`: how the scores of a stream, or of all streams of a
 * leg or a call, came about; out of a database, or straight out of captures.
 */
#include "probe/commands.h"

#include <err.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "probe/config_option.h"
#include "probe/explain_files.h"
#include "probe/explain_kpi.h"
#include "probe/options.h"
#include "probe/rtp_map.h"

static const char help[] =
        "usage: earshot explain --db FILE [options] ID\n"
        "       earshot explain [options] FILE... [--call ID]\n"
        "       earshot explain kpi [--json] [NAME...]\n"
        "\n"
        "Why a call, a leg or a stream has the R and MOS that it has: one sentence, then every\n"
        "input of the E-model and where it is from, the terms, who is charged with which loss,\n"
        "the worst interval, each emulated jitter buffer, the delay, what endpoints claim, and\n"
        "what could not be seen.  The score is computed again and compared.  ID is that of a\n"
        "stream, leg or call, the beginning of one, or a SIP Call-ID.  Of a call the worst\n"
        "direction comes first.  `kpi` is how a figure of `earshot kpis` is defined.\n"
        "\n"
        "  -d, --db FILE      the database; without it FILEs are captures, - is standard input\n"
        "  -c, --call ID      of captures: what to explain; everything in them when not given\n"
        "  -j, --json         one JSON object a line: the call or leg, then each stream\n"
        "  -C, --config FILE  of captures: the configuration that they were analysed with\n"
        "  -r, --rtp-map PT=NAME/CLOCK\n"
        "                     of captures: what a dynamic payload type is; may be repeated\n"
        "  -s, --sensor NAME  of captures: name that the ids are made with (local)\n"
        "  -n, --no-progress  no progress on standard error\n"
        "  -h, --help         this text\n"
        "\n"
        "examples:\n"
        "  earshot explain --db calls.db 3f2a\n"
        "  earshot explain trace.pcap --call 'a84b4c76e66710@pc33.example.com'\n";

struct explaining {
	struct options options; /* the database */
	struct explain_files files;
	struct config *config; /* owned */
};

static bool take_json(void *into, char *none)
{
	struct explaining *x = into;
	(void)none;
	x->options.mode = x->files.style.mode = PRINT_JSON;
	return true;
}

static bool take_rtp_map(void *into, char *argument)
{
	struct explaining *x = into;
	struct option_error error;
	return option_said("rtp-map",
	                   rtp_map_add(x->files.settings.rtp_map, argument, &error),
	                   &error);
}

static bool take_sensor(void *into, char *name)
{
	struct explaining *x = into;
	return sensor_option(&x->files.settings, name);
}

/* clang-format off */
#define AT(member) offsetof(struct explaining, member)
static const struct option_row option_rows[] = {
	{ "db", 'd', OPTION_WORD, AT(options.db) },
	{ "call", 'c', OPTION_WORD, AT(options.id) },
	{ "config", 'C', OPTION_READ },
	{ "json", 'j', OPTION_DO, .take = take_json },
	{ "rtp-map", 'r', OPTION_TAKE, .take = take_rtp_map },
	{ "sensor", 's', OPTION_TAKE, .take = take_sensor },
	{ "no-progress", 'n', OPTION_NO_FLAG, AT(files.progress) },
	{ "help", 'h', OPTION_HELP },
};
/* clang-format on */

/* What is left of the command line; prints what is missing or too much. */
static bool take_arguments(struct explaining *x, int argc, char **argv)
{
	if (x->options.db && !x->options.id && optind < argc)
		x->options.id = argv[optind++];
	x->files.files = argv + optind;
	x->files.file_count = (size_t)(argc - optind);
	x->files.wanted = x->options.id;
	if (x->options.id && !*x->options.id)
		warnx("%s: which call? give an id, its beginning, or a SIP Call-ID",
		      argv[0]);
	else if (x->options.db && x->files.file_count > 0)
		warnx("%s: unexpected '%s'", argv[0], x->files.files[0]);
	else if (x->options.db && !x->options.id)
		warnx("%s: which call? give an id, its beginning, or a SIP Call-ID",
		      argv[0]);
	else if (!x->options.db && x->files.file_count == 0)
		warnx("%s: out of what? give --db FILE, or captures", argv[0]);
	else
		return true;
	return false;
}

static enum option_outcome read_options(struct explaining *x, int argc, char **argv)
{
	if (!config_option(x->config, option_rows, ARRAY_LEN(option_rows), argc, argv))
		return OPTIONS_WRONG;
	x->files.settings = x->config->settings;
	const enum option_outcome outcome =
	        option_table_read(option_rows, ARRAY_LEN(option_rows), argc, argv, x);
	if (outcome == OPTIONS_GOOD && !take_arguments(x, argc, argv))
		return OPTIONS_WRONG;
	return outcome;
}

static int explain_database(const char *command, const struct explaining *x)
{
	const struct options *options = &x->options;
	struct dossier dossier = { 0 };
	struct buffer out = { 0 };
	struct found found;
	bool done = false;
	struct query *query = options_open(command, options);
	if (query && options_find(command, query, options, &found)) {
		const enum status status = dossier_read(&dossier, query, &found);
		const struct explain_subject subject = { found.kind, found.id };
		explain_subject(&dossier, subject, x->files.style, &out);
		if (status != OK)
			warnx("%s: %s", command, query_error(query));
		else if (dossier.no_memory || !buffer_write(&out, stdout))
			warnx("%s: out of memory or the output is closed", command);
		else
			done = true;
	}
	buffer_free(&out);
	dossier_free(&dossier);
	query_close(query);
	return done ? options_flush_stdout() : EXIT_FAILURE;
}

static int explain(struct explaining *x, int argc, char **argv)
{
	const enum option_outcome outcome = read_options(x, argc, argv);
	if (outcome != OPTIONS_GOOD)
		return option_table_stop(outcome, argv[0], help);
	x->files.style.colour = print_wants_colour(stdout);
	return x->options.db ? explain_database(argv[0], x)
	                     : explain_files(argv[0], &x->files);
}

int command_explain(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "kpi") == 0)
		return explain_kpi(argc - 1, argv + 1);
	struct explaining x = { .files = { .progress = true }, .config = config_new() };
	if (!x.config) {
		warnx("%s: out of memory", argv[0]);
		return EXIT_FAILURE;
	}
	const int exit_status = explain(&x, argc, argv);
	config_free(x.config);
	return exit_status;
}
