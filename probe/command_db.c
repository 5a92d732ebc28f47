/* command_db.c - `earshot db`: is a database whole, and what is old leaves it. */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/commands.h"
#include "probe/monitor.h"
#include "probe/options.h"
#include "schema/db_check.h"
#include "schema/retention.h"

static const char help[] =
        "usage: earshot db check FILE\n"
        "       earshot db prune FILE --older-than AGE [--only CLASS[,CLASS]...] [--compact]\n"
        "\n"
        "Of a database that `analyze --db` or `monitor` wrote, also while it is written to:\n"
        "\n"
        "  check FILE            looks through all of it for damage\n"
        "  prune FILE            deletes what is old:\n"
        "    --older-than AGE    such as 90d, 12h or 2w, counted back from the newest packet in\n"
        "                        the file\n"
        "    --only CLASS,...    of messages, timelines, calls (all else) and kpis; without it\n"
        "                        of the first three\n"
        "    --compact           give the space back: of a file that a monitor made a part is\n"
        "                        given back anyway, any other is written anew, for which the\n"
        "                        disk needs room for it twice and nobody else may use it\n"
        "  -h, --help            this text\n"
        "\n"
        "Exit status: 0 whole, or done; 1 damaged, or it did not work; 2 wrong usage.\n"
        "\n"
        "example:\n"
        "  earshot db prune calls.db --older-than 14d --only messages\n";

enum { OLDER_THAN = 1000, ONLY, COMPACT };

static const struct option options[] = {
	{ "older-than", required_argument, NULL, OLDER_THAN },
	{ "only", required_argument, NULL, ONLY },
	{ "compact", no_argument, NULL, COMPACT },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct prune {
	nstime age; /* 0 = not said */
	unsigned int classes;
	bool compact;
};

static int check(const char *path)
{
	struct db_error error = { "" };
	const enum status status = db_check_file(path, DB_CHECK_FULL, 0, NULL, &error);
	if (status != OK) {
		warnx("%s", error.text);
		return EXIT_FAILURE;
	}
	printf("%s is whole\n", path);
	return options_flush_stdout();
}

static bool take_age(const char *argument, nstime *out)
{
	static const struct {
		char unit;
		nstime length;
	} units[] = { { 's', NS_PER_SEC },
		      { 'm', 60 * NS_PER_SEC },
		      { 'h', 3600 * NS_PER_SEC },
		      { 'd', 86400 * NS_PER_SEC },
		      { 'w', 604800 * NS_PER_SEC } };
	const struct text t = text_from(argument);
	uint64_t number;
	for (size_t i = 0; t.len > 1 && i < ARRAY_LEN(units); i++) {
		const uint64_t most = (uint64_t)(INT64_MAX / 4 / units[i].length);
		if (t.at[t.len - 1] != units[i].unit ||
		    text_number(text_head(t, t.len - 1), most, &number) != OK)
			continue;
		*out = (nstime)number * units[i].length;
		return true;
	}
	warnx("--older-than: '%s' is no age; such as 90d, 12h, 2w", argument);
	return false;
}

static bool take_classes(const char *argument, unsigned int *out)
{
	struct text rest = text_from(argument);
	*out = 0;
	while (rest.len) {
		const struct text name = text_cut(&rest, ',');
		size_t i = 0;
		while (i < RETENTION_CLASS_COUNT &&
		       !text_equal(name, text_from(retention_class_names[i])))
			i++;
		if (i == RETENTION_CLASS_COUNT) {
			warnx("--only: '%.*s' is none of messages, timelines, calls, kpis",
			      (int)name.len, name.at);
			return false;
		}
		*out |= 1u << i;
	}
	return true;
}

/* What a file that cannot shrink by itself needs. */
static bool compact(sqlite3 *db)
{
	return sqlite3_exec(db, "VACUUM", NULL, NULL, NULL) == SQLITE_OK;
}

static int prune(const char *path, const struct prune *wanted)
{
	struct db_error error = { "" };
	sqlite3 *db = NULL;
	uint64_t deleted = 0;
	/* Nobody wants a file made that is not there. */
	enum status status = db_open_read(path, &db, &error);
	if (status == OK) {
		db_close(db);
		status = db_open_keep(path, DB_BUSY_MS, &db, &error);
	}
	if (status != OK) {
		warnx("%s", error.text);
		return EXIT_FAILURE;
	}
	bool done = retention_prune(db, wanted->classes, wanted->age, monitor_now(),
	                            &deleted) == OK;
	if (done)
		done = sqlite3_exec(db, "PRAGMA incremental_vacuum", NULL, NULL, NULL) ==
		       SQLITE_OK;
	if (done && wanted->compact)
		done = compact(db);
	if (!done)
		(void)db_failed(db, path, &error);
	db_close(db);
	printf("%llu rows deleted\n", (unsigned long long)deleted);
	if (!done)
		warnx("%s", error.text);
	return done ? options_flush_stdout() : EXIT_FAILURE;
}

static int usage(const char *why)
{
	warnx("%s; see earshot db --help", why);
	return EXIT_USAGE;
}

static bool take_option(struct prune *wanted, int option)
{
	switch (option) {
	case OLDER_THAN:
		return take_age(optarg, &wanted->age);
	case ONLY:
		return take_classes(optarg, &wanted->classes);
	case COMPACT:
		return wanted->compact = true;
	default:
		return false;
	}
}

int command_db(int argc, char **argv)
{
	struct prune wanted = { .classes = 1u << RETENTION_MESSAGES |
		                           1u << RETENTION_TIMELINES |
		                           1u << RETENTION_CALLS };
	bool any = false;
	int option;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return options_flush_stdout();
		}
		any = true;
		if (!take_option(&wanted, option))
			return EXIT_USAGE;
	}
	if (argc - optind != 2)
		return usage("there must be what to do, and a file");
	if (strcmp(argv[optind], "check") == 0)
		return any ? usage("check has no options") : check(argv[optind + 1]);
	if (strcmp(argv[optind], "prune") != 0)
		return usage("it is either check or prune");
	if (!wanted.age)
		return usage("--older-than is needed");
	return prune(argv[optind + 1], &wanted);
}
