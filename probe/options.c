#include "probe/options.h"

#include <err.h>
#include <getopt.h>
#include <stdlib.h>

#include "schema/field_text.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000000 };

static const struct option known_options[] = {
	{ "db", required_argument, NULL, 'd' },
	{ "json", no_argument, NULL, 'j' },
	{ "csv", no_argument, NULL, 'c' },
	{ "limit", required_argument, NULL, 'n' },
	{ "config", required_argument, NULL, 'C' },
	{ "filter", required_argument, NULL, 'f' },
	{ "html", required_argument, NULL, 'H' },
	{ "attempts", no_argument, NULL, 'a' },
	{ "events", no_argument, NULL, 'e' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static bool read_limit(const char *command, const char *value, size_t *out)
{
	uint64_t limit = 0;
	if (text_number(text_from(value), LIMIT_MAX, &limit) != OK || limit == 0) {
		warnx("%s: --limit: '%s' is not a number from 1 to %d", command, value,
		      LIMIT_MAX);
		return false;
	}
	*out = (size_t)limit;
	return true;
}

/* Prints what is wrong. */
static bool parse(int argc, char **argv, const struct options_wanted *wanted,
                  struct options *out, bool *help)
{
	int option;
	optind = 1;
	while ((option = getopt_long(argc, argv, wanted->list ? "d:jcn:f:C:aeh" : "d:jH:h",
	                             known_options, NULL)) != -1) {
		if ((option == 'c' || option == 'n' || option == 'f') && !wanted->list) {
			warnx("%s: --csv, --limit and --filter are for lists", argv[0]);
			return false;
		}
		if (option == 'H' && (!wanted->html || !optarg[0])) {
			warnx(wanted->html ? "%s: --html: the name of a file, please"
			                   : "%s: --html is for a call",
			      argv[0]);
			return false;
		}
		if ((option == 'a' || option == 'e') && option != wanted->second_letter) {
			warnx("%s: --%s is for another command", argv[0],
			      option == 'a' ? "attempts" : "events");
			return false;
		}
		if (option == 'C' && !wanted->config) {
			warnx("%s: --config is for another command", argv[0]);
			return false;
		}
		if (option == 'd')
			out->db = optarg;
		else if (option == 'a' || option == 'e')
			out->second = true;
		else if (option == 'j')
			out->mode = PRINT_JSON;
		else if (option == 'c')
			out->mode = PRINT_CSV;
		else if (option == 'H')
			out->html = optarg;
		else if (option == 'h')
			*help = true;
		else if (option == 'f')
			out->filter = optarg;
		else if (option == 'C')
			out->config = optarg;
		else if (option != 'n' || !read_limit(argv[0], optarg, &out->limit))
			return false;
	}
	return true;
}

/* Prints what is missing or too much. */
static bool check(int argc, char **argv, const struct options_wanted *wanted,
                  struct options *out)
{
	if (wanted->id && optind < argc)
		out->id = argv[optind++];
	if (optind < argc)
		warnx("%s: unexpected '%s'", argv[0], argv[optind]);
	else if (!out->db)
		warnx("%s: which database? give --db FILE", argv[0]);
	else if (wanted->id && (!out->id || !out->id[0]))
		warnx("%s: which call? give an id, its beginning, or a SIP Call-ID",
		      argv[0]);
	else
		return true;
	return false;
}

bool options_read(int argc, char **argv, const struct options_wanted *wanted,
                  struct options *out, int *exit_status)
{
	bool help = false;
	*out = (struct options){ .limit = LIMIT_DEFAULT };
	const bool good = parse(argc, argv, wanted, out, &help);
	if (good && help) {
		fputs(wanted->help, stdout);
		*exit_status = options_flush_stdout();
		return false;
	}
	if (good && check(argc, argv, wanted, out))
		return true;
	fprintf(stderr, "Try 'earshot %s --help'.\n", argv[0]);
	*exit_status = EXIT_USAGE;
	return false;
}

struct query *options_open(const char *command, const struct options *options)
{
	struct db_error error;
	struct query *query = NULL;
	if (query_open(options->db, &query, &error) != OK) {
		warnx("%s: %s", command, error.text);
		return NULL;
	}
	return query;
}

void options_warn_ambiguous(const char *command, const char *id, const struct found *found,
                            size_t count)
{
	char text[ID_TEXT_SIZE];
	warnx("%s: '%s' may be:", command, id);
	for (size_t i = 0; i < count && i < OPTIONS_NAMES_SHOWN; i++)
		fprintf(stderr, "  %s %s\n", record_kind_names[found[i].kind],
		        id_format(found[i].id, text));
	if (count > OPTIONS_NAMES_SHOWN)
		fprintf(stderr, "  ...\n");
}

bool options_find(const char *command, struct query *query, const struct options *options,
                  struct found *out)
{
	struct found found[OPTIONS_NAMES_SHOWN + 1];
	size_t count = 0;
	if (query_find(query, options->id, found, ARRAY_LEN(found), &count) != OK) {
		warnx("%s: %s", command, query_error(query));
		return false;
	}
	if (count == 1) {
		*out = found[0];
		return true;
	}
	if (count == 0)
		warnx("%s: nothing is called '%s' in %s", command, options->id,
		      options->db);
	else
		options_warn_ambiguous(command, options->id, found, count);
	return false;
}

int options_flush_stdout(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_SUCCESS;
	warn("standard output");
	return EXIT_FAILURE;
}
