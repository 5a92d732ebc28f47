/*
 * command_call.c - `earshot call`: one call with its legs, streams and SIP ladder.
 */
#include "probe/commands.h"

#include <err.h>
#include <stdlib.h>

#include "probe/ladder.h"
#include "probe/options.h"
#include "probe/report_html.h"
#include "schema/field_text.h"

static const char help[] =
        "usage: earshot call --db FILE [options] ID\n"
        "\n"
        "One call: its legs, its streams with their figures, and its SIP messages as a\n"
        "ladder.  ID is the id of a call, leg or stream, the beginning of one, or a SIP\n"
        "Call-ID.\n"
        "\n"
        "  -d, --db FILE     the database\n"
        "  -H, --html FILE   write a page with all of it, plots and explanation too\n"
        "  -j, --json        streams, legs, reports of endpoints, messages, findings and the call as\n"
        "                    JSON objects, one a line\n"
        "  -h, --help        this text\n"
        "\n"
        "examples:\n"
        "  earshot call --db calls.db 3f2a\n"
        "  earshot call --db calls.db --html call.html 3f2a\n"
        "  earshot call --db calls.db 'a84b4c76e66710@pc33.example.com'\n";

static const enum record_kind parts[] = { RECORD_STREAM, RECORD_LEG, RECORD_REPORT,
	                                  RECORD_MESSAGE, RECORD_FINDING };

/* Everything a run has of a call goes by here, the call's own record last. */
struct visitor {
	struct printer *printer;
	struct html_report *report; /* NULL = no page */
	struct ladder ladder;
};

static void visit(struct visitor *visitor, const struct record *record)
{
	printer_record(visitor->printer, record);
	if (visitor->report)
		html_report_record(visitor->report, record);
	if (record->kind == RECORD_MESSAGE)
		ladder_add_message(&visitor->ladder, record);
	else if (record->kind == RECORD_STREAM)
		ladder_add_stream(&visitor->ladder, record);
}

static enum status visit_kind(struct query *query, const struct found *found,
                              enum record_kind kind, struct visitor *visitor)
{
	struct record record;
	struct rows rows;
	enum status status = query_of_call(query, kind, found->call, found->run, &rows);
	while (status == OK && (status = rows_next(&rows, &record)) == OK)
		visit(visitor, &record);
	rows_end(&rows);
	return status == ERR_NOT_FOUND ? OK : status;
}

static enum status visit_call(struct query *query, const struct found *found,
                              struct visitor *visitor, nstime *start)
{
	const struct found call = { RECORD_CALL, found->call, found->call, found->run };
	struct record record;
	enum status status = OK;
	for (size_t i = 0; status == OK && i < ARRAY_LEN(parts); i++)
		status = visit_kind(query, found, parts[i], visitor);
	if (status == OK)
		status = query_read(query, &call, &record);
	if (status != OK)
		return status;
	visit(visitor, &record);
	*start = record.call.start;
	return OK;
}

static bool print_ladder(struct ladder *ladder, nstime start)
{
	struct buffer out = { 0 };
	if (ladder->column_count > 0)
		ladder_draw(ladder, start, &out);
	else
		buffer_add_string(&out, "No SIP message of this call was kept.\n");
	const bool done = buffer_write(&out, stdout);
	buffer_free(&out);
	return done;
}

static bool begin_report(const struct options *options, struct visitor *visitor)
{
	if (!options->html)
		return true;
	if (html_report_new(&visitor->report) != OK)
		return false;
	html_report_source(visitor->report, options->db);
	return true;
}

/* Says itself what is wrong. */
static bool write_report(const char *command, const struct options *options,
                         struct visitor *visitor)
{
	char error[REPORT_ERROR_SIZE];
	if (!visitor->report || html_report_write(visitor->report, options->html, error))
		return true;
	warnx("%s: %s", command, error);
	return false;
}

static int show_call(const char *command, struct query *query,
                     const struct options *options, const struct found *found)
{
	const struct print_options print = { .mode = options->mode,
		                             .out = stdout,
		                             .messages = true,
		                             .colour = print_wants_colour(stdout) };
	struct visitor visitor = { 0 };
	nstime start = 0;
	enum status status = printer_new(&print, &visitor.printer);
	if (status == OK && !begin_report(options, &visitor))
		status = ERR_NOMEM;
	if (status == OK)
		status = visit_call(query, found, &visitor, &start);
	bool done = status == OK && printer_finish(visitor.printer);
	if (done && options->mode == PRINT_TEXT)
		done = print_ladder(&visitor.ladder, start);
	if (status == ERR_NOMEM || (status == OK && !done))
		warnx("%s: out of memory or the output is closed", command);
	else if (status != OK)
		warnx("%s: %s", command, query_error(query));
	done = done && write_report(command, options, &visitor);
	ladder_free(&visitor.ladder);
	html_report_free(visitor.report);
	printer_free(visitor.printer);
	return done ? options_flush_stdout() : EXIT_FAILURE;
}

int command_call(int argc, char **argv)
{
	static const struct options_wanted wanted = { .help = help,
		                                      .id = true,
		                                      .html = true };
	struct options options;
	struct found found;
	int exit_status = EXIT_FAILURE;
	if (!options_read(argc, argv, &wanted, &options, &exit_status))
		return exit_status;
	struct query *query = options_open(argv[0], &options);
	if (query && options_find(argv[0], query, &options, &found)) {
		if (found.call)
			exit_status = show_call(argv[0], query, &options, &found);
		else
			warnx("%s: that stream belongs to no call; see `earshot explain`",
			      argv[0]);
	}
	query_close(query);
	return exit_status;
}
