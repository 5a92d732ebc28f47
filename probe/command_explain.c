/*
 * command_explain.c - `earshot explain`: how the scores of a stream, or of all streams of a
 * leg or a call, came about.
 */
#include "probe/commands.h"

#include <err.h>
#include <stdlib.h>

#include "probe/explain.h"
#include "probe/options.h"

static const char help[] =
        "usage: earshot explain --db FILE [options] ID\n"
        "\n"
        "How a stream's R and MOS came about: every input of the E-model and where it is\n"
        "from, the terms, what was assumed, and what could not be seen.  The score is\n"
        "computed again and compared.  ID is that of a stream, leg or call, the beginning\n"
        "of one, or a SIP Call-ID.\n"
        "\n"
        "  -d, --db FILE     the database\n"
        "  -j, --json        one JSON object for each stream, one a line\n"
        "  -h, --help        this text\n"
        "\n"
        "example:\n"
        "  earshot explain --db calls.db 3f2a\n";

static bool explain_one(const struct options *options, const struct record *stream)
{
	struct explanation explanation;
	struct buffer out = { 0 };
	explain_stream(&stream->stream, &explanation);
	if (options->mode == PRINT_JSON)
		explain_add_json(stream, &explanation, &out);
	else
		explain_add_text(stream, &explanation, &out, print_wants_colour(stdout));
	const bool done = buffer_write(&out, stdout);
	buffer_free(&out);
	return done;
}

static enum status explain_found(struct query *query, const struct options *options,
                                 const struct found *found, size_t *count)
{
	struct record stream;
	struct rows rows;
	enum status status;
	if (found->kind == RECORD_STREAM) {
		status = query_read(query, found, &stream);
		*count = status == OK && explain_one(options, &stream);
		return status;
	}
	status = query_of_call(query, RECORD_STREAM, found->call, found->run, &rows);
	while (status == OK && (status = rows_next(&rows, &stream)) == OK) {
		if (found->kind == RECORD_CALL || stream.stream.leg == found->id)
			*count += explain_one(options, &stream);
	}
	rows_end(&rows);
	return status == ERR_NOT_FOUND ? OK : status;
}

int command_explain(int argc, char **argv)
{
	static const struct options_wanted wanted = { .help = help, .id = true };
	struct options options;
	struct found found;
	size_t count = 0;
	int exit_status = EXIT_FAILURE;
	if (!options_read(argc, argv, &wanted, &options, &exit_status))
		return exit_status;
	struct query *query = options_open(argv[0], &options);
	if (query && options_find(argv[0], query, &options, &found)) {
		const enum status status = explain_found(query, &options, &found, &count);
		exit_status = options_flush_stdout();
		if (status != OK) {
			warnx("%s: %s", argv[0], query_error(query));
			exit_status = EXIT_FAILURE;
		} else if (count == 0) {
			warnx("%s: no stream of '%s' was seen", argv[0], options.id);
		}
	}
	query_close(query);
	return exit_status;
}
