#include "probe/option_table.h"

#include <assert.h>
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/base/text.h"
#include "probe/options.h"

enum { LAST_LETTER = 255 };

static int argument_of(enum option_kind kind)
{
	switch (kind) {
	case OPTION_WORD:
	case OPTION_NUMBER:
	case OPTION_TAKE:
	case OPTION_READ:
		return required_argument;
	case OPTION_MAY_TAKE:
		return optional_argument;
	default:
		return no_argument;
	}
}

void option_table_names(const struct option_row *rows, size_t count,
                        struct option_names *out)
{
	char *letter = out->letters;
	assert(count <= OPTION_ROWS);
	for (size_t i = 0; i < count; i++) {
		const int argument = argument_of(rows[i].kind);
		out->list[i] =
		        (struct option){ rows[i].name, argument, NULL, rows[i].letter };
		if (rows[i].letter > LAST_LETTER)
			continue;
		*letter++ = (char)rows[i].letter;
		if (argument != no_argument)
			*letter++ = ':';
		if (argument == optional_argument)
			*letter++ = ':';
	}
	*letter = '\0';
	out->list[count] = (struct option){ 0 };
}

static const struct option_row *row_of(const struct option_row *rows, size_t count,
                                       int letter)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].letter == letter)
			return &rows[i];
	return NULL; /* getopt_long has said what is wrong */
}

static bool take_number(const struct option_row *row, const char *argument, int *out)
{
	uint64_t number;
	if (text_number(text_from(argument), (uint64_t)row->most, &number) == OK &&
	    number >= (uint64_t)row->least) {
		*out = (int)number;
		return true;
	}
	warnx("--%s: a number of %d to %d", row->name, row->least, row->most);
	return false;
}

static bool obey(const struct option_row *row, void *into, char *argument)
{
	void *at = (char *)into + row->at;
	switch (row->kind) {
	case OPTION_FLAG:
	case OPTION_NO_FLAG:
		*(bool *)at = row->kind == OPTION_FLAG;
		return true;
	case OPTION_SET:
		memcpy(at, &row->value, sizeof row->value); /* an enum is as large */
		return true;
	case OPTION_WORD:
		*(const char **)at = argument;
		return true;
	case OPTION_NUMBER:
		return take_number(row, argument, at);
	case OPTION_DO:
	case OPTION_TAKE:
	case OPTION_MAY_TAKE:
		return row->take(into, argument);
	default:
		return true;
	}
}

enum option_outcome option_table_read(const struct option_row *rows, size_t count, int argc,
                                      char **argv, void *into)
{
	struct option_names names = { 0 };
	int letter;
	option_table_names(rows, count, &names);
	while ((letter = getopt_long(argc, argv, names.letters, names.list, NULL)) != -1) {
		const struct option_row *row = row_of(rows, count, letter);
		if (!row)
			return OPTIONS_WRONG;
		if (row->kind == OPTION_HELP)
			return OPTIONS_HELP;
		if (!obey(row, into, optarg))
			return OPTIONS_WRONG;
	}
	return OPTIONS_GOOD;
}

int option_table_stop(enum option_outcome outcome, const char *command, const char *help)
{
	if (outcome == OPTIONS_HELP) {
		fputs(help, stdout);
		return options_flush_stdout();
	}
	fprintf(stderr, "Try 'earshot %s --help'.\n", command);
	return EXIT_USAGE;
}
