/* test_option_table.c - each kind of row does what it says, and no other words pass. */
#include "tests/unit/unit.h"

#include <string.h>

#include "probe/option_table.h"

struct into {
	bool flag, cleared;
	enum { COLOUR_NONE, COLOUR_RED } colour;
	const char *word, *taken;
	int number, done, maybe;
};

static bool take_word(void *into, char *argument)
{
	((struct into *)into)->taken = argument;
	return strcmp(argument, "bad") != 0;
}

static bool take_maybe(void *into, char *argument)
{
	((struct into *)into)->maybe = argument ? 2 : 1;
	return true;
}

static bool take_nothing(void *into, char *argument)
{
	((struct into *)into)->done += argument == NULL;
	return true;
}

#define AT(member) offsetof(struct into, member)
static const struct option_row rows[] = {
	{ "flag", 'f', OPTION_FLAG, AT(flag) },
	{ "clear", 'c', OPTION_NO_FLAG, AT(cleared) },
	{ "red", 'r', OPTION_SET, AT(colour), .value = COLOUR_RED },
	{ "word", 'w', OPTION_WORD, AT(word) },
	{ "number", 256, OPTION_NUMBER, AT(number), .least = 2, .most = 9 },
	{ "do", 'd', OPTION_DO, .take = take_nothing },
	{ "take", 't', OPTION_TAKE, .take = take_word },
	{ "maybe", 'm', OPTION_MAY_TAKE, .take = take_maybe },
	{ "config", 'C', OPTION_READ },
	{ "help", 'h', OPTION_HELP },
};

/* clang-format off */
static const struct {
	const char *what;
	const char *words[4];
	enum option_outcome outcome;
	struct into into;
} cases[] = {
	{ "nothing is nothing", { NULL }, OPTIONS_GOOD, { .cleared = true } },
	{ "a flag, long", { "--flag" }, OPTIONS_GOOD, { .flag = true, .cleared = true } },
	{ "a flag and one that clears, short", { "-fc" }, OPTIONS_GOOD, { .flag = true } },
	{ "an enum", { "--red" }, OPTIONS_GOOD, { .cleared = true, .colour = COLOUR_RED } },
	{ "a word, short", { "-wx" }, OPTIONS_GOOD, { .cleared = true, .word = "x" } },
	{ "a word, behind =", { "--word=x" }, OPTIONS_GOOD, { .cleared = true, .word = "x" } },
	{ "a word that is not there", { "--word" }, OPTIONS_WRONG, { .cleared = true } },
	{ "the least number", { "--number", "2" }, OPTIONS_GOOD, { .cleared = true, .number = 2 } },
	{ "the most", { "--number", "9" }, OPTIONS_GOOD, { .cleared = true, .number = 9 } },
	{ "one less", { "--number", "1" }, OPTIONS_WRONG, { .cleared = true } },
	{ "one more", { "--number", "10" }, OPTIONS_WRONG, { .cleared = true } },
	{ "half a number", { "--number", "3x" }, OPTIONS_WRONG, { .cleared = true } },
	{ "something is done", { "-d" }, OPTIONS_GOOD, { .cleared = true, .done = 1 } },
	{ "taken", { "-t", "y" }, OPTIONS_GOOD, { .cleared = true, .taken = "y" } },
	{ "not taken", { "-t", "bad" }, OPTIONS_WRONG, { .cleared = true, .taken = "bad" } },
	{ "may have one", { "--maybe=z" }, OPTIONS_GOOD, { .cleared = true, .maybe = 2 } },
	{ "need not", { "--maybe", "z" }, OPTIONS_GOOD, { .cleared = true, .maybe = 1 } },
	{ "read before", { "-C", "file", "-f" }, OPTIONS_GOOD, { .flag = true, .cleared = true } },
	{ "help goes before what is wrong behind it", { "-h", "--none" }, OPTIONS_HELP, { .cleared = true } },
	{ "what is wrong before help goes before it", { "--none", "-h" }, OPTIONS_WRONG, { .cleared = true } },
	{ "behind two dashes nothing is an option", { "--", "-f" }, OPTIONS_GOOD, { .cleared = true } },
};
/* clang-format on */

static bool same_word(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void each_row_does_what_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct into into = { .cleared = true };
		char words[5][16] = { "program" };
		char *argv[6] = { words[0] };
		int argc = 1;
		for (size_t k = 0; k < 4 && cases[i].words[k]; k++, argc++)
			argv[argc] = strcpy(words[argc], cases[i].words[k]);
		optind = 0; /* GNU: begin anew */
		const enum option_outcome outcome =
		        option_table_read(rows, ARRAY_LEN(rows), argc, argv, &into);
		const struct into *e = &cases[i].into;
		if (outcome != cases[i].outcome || into.flag != e->flag ||
		    into.cleared != e->cleared || into.colour != e->colour ||
		    !same_word(into.word, e->word) || !same_word(into.taken, e->taken) ||
		    into.number != e->number || into.done != e->done ||
		    into.maybe != e->maybe)
			fail_msg("%s", cases[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_does_what_it_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
