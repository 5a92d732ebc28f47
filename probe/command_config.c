/* command_config.c - `earshot config`: is a configuration good, and what may it say. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/commands.h"
#include "probe/config.h"
#include "probe/config_table.h"
#include "probe/options.h"
#include "web/buffer.h"

static const char help[] =
        "usage: earshot config check FILE\n"
        "       earshot config example | reference\n"
        "\n"
        "Of the configuration file:\n"
        "\n"
        "  check FILE   reads it (- is standard input) and says what it may not say, with\n"
        "               file, line, key and what is allowed\n"
        "  example      prints a file with every key, its meaning and its default\n"
        "  reference    prints all keys as a page of Markdown\n"
        "  -h, --help   this text\n"
        "\n"
        "Exit status: 0 good, 1 not good or not readable, 2 wrong usage.\n"
        "\n"
        "examples:\n"
        "  earshot config example > earshot.yaml\n"
        "  earshot config check earshot.yaml && earshot analyze -c earshot.yaml trace.pcap\n";

static int check(const char *path)
{
	struct config_error error;
	struct config *config = config_new();
	if (!config) {
		warnx("memory ran out");
		return EXIT_FAILURE;
	}
	const enum status status = config_load(config, path, &error);
	if (status != OK)
		warnx("%s", error.text);
	else
		printf("%s is good: %zu trunks, %zu labels of numbers\n", path,
		       trunks_count(config->trunks), config->numbers.prefix_count);
	config_free(config);
	return status == OK ? options_flush_stdout() : EXIT_FAILURE;
}

static int print(void (*printed)(struct buffer *out))
{
	struct buffer out = { 0 };
	printed(&out);
	const bool good = buffer_write(&out, stdout);
	if (!good)
		warnx("out of memory or the output is closed");
	buffer_free(&out);
	return good ? options_flush_stdout() : EXIT_FAILURE;
}

static void print_example(struct buffer *out)
{
	config_print_example(out, false);
}

int command_config(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	if (strcmp(what, "-h") == 0 || strcmp(what, "--help") == 0) {
		fputs(help, stdout);
		return options_flush_stdout();
	}
	if (strcmp(what, "check") == 0 && argc == 3)
		return check(argv[2]);
	if (strcmp(what, "example") == 0 && argc == 2)
		return print(print_example);
	if (strcmp(what, "reference") == 0 && argc == 2)
		return print(config_print_reference);
	warnx("config: check FILE, example or reference?");
	fprintf(stderr, "Try 'earshot config --help'.\n");
	return EXIT_USAGE;
}
