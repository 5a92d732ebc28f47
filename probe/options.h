/*
 * options.h - the command line of the subcommands that ask a database.
 */
#ifndef EARSHOT_PROBE_OPTIONS_H
#define EARSHOT_PROBE_OPTIONS_H

#include "probe/print.h"
#include "schema/query.h"

enum { EXIT_USAGE = 2, OPTIONS_NAMES_SHOWN = 8 };

struct options {
	const char *db;
	const char *id; /* of call and explain */
	size_t limit;   /* of calls */
	enum print_mode mode;
	const char *html;   /* of call; NULL = no page */
	const char *filter; /* of lists, as typed; NULL = everything */
	const char *config; /* NULL = none */
	bool second;        /* the command's other list is wanted */
};

/* What a subcommand understands beside --db, --json and --help. */
struct options_wanted {
	const char *help;
	bool id;     /* takes one argument */
	bool list;   /* takes --limit, --csv and --filter */
	bool html;   /* takes --html */
	bool config; /* takes --config */
	/* Of the option that asks for the command's other list: 'a' --attempts, 'e'
	 * --events; 0 = none. */
	char second_letter;
};

/*
 * Reads the command line; true: go on.  Else *exit_status is what to return: what was
 * wrong, or the help, has been printed.
 */
bool options_read(int argc, char **argv, const struct options_wanted *wanted,
                  struct options *out, int *exit_status);

/* Opens options->db, or says why it cannot. */
struct query *options_open(const char *command, const struct options *options);

/* Finds options->id, or says that nothing, or more than one thing, is called so. */
bool options_find(const char *command, struct query *query, const struct options *options,
                  struct found *out);

/* Says which OPTIONS_NAMES_SHOWN things, and more if `count` is above, the id may mean. */
void options_warn_ambiguous(const char *command, const char *id, const struct found *found,
                            size_t count);

/* The exit status after the last output: 1 when standard output could not take it. */
int options_flush_stdout(void);

#endif
