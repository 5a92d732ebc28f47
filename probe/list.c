#include "probe/list.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "probe/filter_option.h"
#include "probe/print_text.h"
#include "schema/field_text.h"
#include "web/display.h"

/* --- cells ---------------------------------------------------------------------------- */

void list_cell_time(struct table *table, nstime t)
{
	if (t != NSTIME_NONE)
		display_time(&table->cells, t, 3);
	table_end_cell(table);
}

void list_cell_word(struct table *table, const struct record *record, const char *field)
{
	const struct field_table fields = record_fields(record->kind);
	for (size_t i = 0; i < fields.count; i++) {
		if (strcmp(fields.fields[i].name, field) != 0)
			continue;
		const char *word = field_name_of(&fields.fields[i], record);
		buffer_add_string(&table->cells, word ? word : "\u2013");
	}
	table_end_cell(table);
}

void list_cell_wire(struct table *table, const char *bytes)
{
	if (bytes[0])
		text_add_wire(&table->cells, bytes);
	table_end_cell(table);
}

void list_cell_real(struct table *table, double value, int decimals)
{
	text_add_real(&table->cells, value, 0, decimals);
	table_end_cell(table);
}

void list_cell_count(struct table *table, uint64_t count)
{
	if (count)
		buffer_format(&table->cells, "%llu", (unsigned long long)count);
	table_end_cell(table);
}

void list_cell_endpoint(struct table *table, const struct endpoint *endpoint)
{
	char text[ENDPOINT_TEXT_SIZE];
	if (!address_is_unspecified(&endpoint->address))
		buffer_add_string(&table->cells,
		                  endpoint->port
		                          ? endpoint_format(endpoint, text)
		                          : address_format(&endpoint->address, text));
	table_end_cell(table);
}

/* --- lists ---------------------------------------------------------------------------- */

/* One more than the limit is asked for, to know whether the list was cut. */
static enum status walk(struct query *query, const struct options *options,
                        const struct list *list, const struct filter *filter, bool *cut,
                        struct table *table, struct printer *printer)
{
	const struct query_list wanted = { .kind = list->kind,
		                           .filter = filter,
		                           .now = filter_option_now(),
		                           .limit = options->limit + 1 };
	struct rows rows;
	struct record record;
	size_t count = 0;
	enum status status = query_list(query, &wanted, &rows);
	while (status == OK && (status = rows_next(&rows, &record)) == OK) {
		if (count++ == options->limit)
			break;
		if (printer)
			printer_record(printer, &record);
		else if (list->ask_row)
			status = list->ask_row(query, table, &record, rows.run);
		else
			list->add_row(table, &record);
	}
	rows_end(&rows);
	*cut |= count > options->limit;
	return status == ERR_NOT_FOUND ? OK : status;
}

static enum status print_table(struct query *query, const struct options *options,
                               const struct list *list, const struct filter *filter,
                               bool *cut)
{
	struct table table;
	struct buffer out = { 0 };
	table_begin(&table, list->columns, list->titles, list->right);
	const enum status status = walk(query, options, list, filter, cut, &table, NULL);
	table_add_to(&table, &out, print_wants_colour(stdout));
	if (status == OK && !buffer_write(&out, stdout))
		warnx("out of memory or the output is closed");
	buffer_free(&out);
	table_free(&table);
	return status;
}

/*
 * Prints options->limit of those that the filter (NULL: all) matches as options->mode
 * wants; *cut: there are more.  Errors as query_list; what cannot be written is said on
 * standard error.
 */
static enum status list_print(struct query *query, const struct options *options,
                              const struct list *list, const struct filter *filter,
                              bool *cut)
{
	if (options->mode == PRINT_TEXT)
		return print_table(query, options, list, filter, cut);
	struct printer *printer = NULL;
	const struct print_options print = { .mode = options->mode,
		                             .out = stdout,
		                             .csv_kind = list->kind };
	enum status status = printer_new(&print, &printer);
	if (status != OK)
		return status;
	status = walk(query, options, list, filter, cut, NULL, printer);
	if (!printer_finish(printer))
		warnx("out of memory or the output is closed");
	printer_free(printer);
	return status;
}

static int print_lists(const char *command, const struct options *options,
                       const struct list *const *lists, size_t count,
                       const struct filter *filter)
{
	bool cut = false;
	enum status status = OK;
	struct query *query = options_open(command, options);
	if (!query)
		return EXIT_FAILURE;
	for (size_t i = 0; i < count && status == OK; i++) {
		if (i > 0 && options->mode == PRINT_TEXT)
			putchar('\n');
		status = list_print(query, options, lists[i], filter, &cut);
	}
	if (status != OK)
		warnx("%s: %s", command, query_error(query));
	const int exit_status = options_flush_stdout();
	if (cut)
		warnx("%s: there are more than these %zu; see --limit", command,
		      options->limit);
	query_close(query);
	return status == OK ? exit_status : EXIT_FAILURE;
}

int list_command(const char *command, const struct options *options,
                 const struct list *const *lists, size_t count)
{
	struct filter *filter = NULL;
	if (options->filter) {
		filter = filter_option(command, options->filter, lists[0]->kind);
		if (!filter)
			return EXIT_USAGE;
		count = 1;
	}
	const int exit_status = print_lists(command, options, lists, count, filter);
	filter_free(filter);
	return exit_status;
}
