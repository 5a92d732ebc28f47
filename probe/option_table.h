/*
 * option_table.h - the options of a command as a table: a row says how an option is called
 * and what becomes of its argument.  getopt_long reads the words; abbreviations, and
 * options behind arguments, are as everywhere.
 */
#ifndef EARSHOT_PROBE_OPTION_TABLE_H
#define EARSHOT_PROBE_OPTION_TABLE_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

enum option_kind {
	OPTION_FLAG,     /* without argument: the bool is true from then on */
	OPTION_NO_FLAG,  /* without argument: it is false */
	OPTION_SET,      /* without argument: the enum is `value` */
	OPTION_WORD,     /* const char *: the argument, which stays the command line's */
	OPTION_NUMBER,   /* int: the argument, a number of `least` to `most` */
	OPTION_DO,       /* without argument: `take` is called with NULL */
	OPTION_TAKE,     /* `take` has the argument */
	OPTION_MAY_TAKE, /* likewise; NULL where none was given */
	OPTION_READ,     /* with an argument, which config_option.h has read before all */
	OPTION_HELP,     /* whoever asks for help wants nothing else */
};

struct option_row {
	const char *name; /* behind two dashes */
	int letter; /* behind one; above 255: it has none, and the number is its own */
	enum option_kind kind;
	size_t at;       /* in the command's struct: what is set */
	int value;       /* OPTION_SET */
	int least, most; /* OPTION_NUMBER */
	/* false: it will not do, and the reason was printed.  into: the command's struct.
	 */
	bool (*take)(void *into, char *argument);
};

enum { OPTION_ROWS = 40 };

/* What getopt_long has of such a table. */
struct option_names {
	struct option list[OPTION_ROWS + 1];
	char letters[3 * OPTION_ROWS + 1];
};
void option_table_names(const struct option_row *rows, size_t count,
                        struct option_names *out);

enum option_outcome {
	OPTIONS_GOOD,
	OPTIONS_HELP,  /* is asked for */
	OPTIONS_WRONG, /* the reason was printed */
};

/* Reads the command line into *into; optind is then the first word that is no option. */
enum option_outcome option_table_read(const struct option_row *rows, size_t count, int argc,
                                      char **argv, void *into);

/* What a command returns that goes no further: prints its help, or where that is. */
int option_table_stop(enum option_outcome outcome, const char *command, const char *help);

#endif
