#include "probe/table.h"

#include <assert.h>

#include "probe/print_text.h"
#include "web/display.h"

enum { GAP = 2 };

void table_begin(struct table *table, size_t columns, const char *const *titles,
                 const bool *right)
{
	assert(columns > 0 && columns <= TABLE_MAX_COLUMNS);
	*table = (struct table){ .columns = columns, .titles = titles, .right = right };
	for (size_t i = 0; i < columns; i++) {
		buffer_add_string(&table->cells, titles[i]);
		table_end_cell(table);
	}
}

/* The last cell's text, before its NUL is there. */
static struct text open_cell(const struct buffer *cells)
{
	size_t start = cells->len;
	while (start > 0 && cells->at[start - 1] != '\0')
		start--;
	return (struct text){ cells->at + start, cells->len - start };
}

void table_end_cell(struct table *table)
{
	if (table->cells.failed)
		return;
	const size_t column = table->count++ % table->columns;
	const size_t width = display_width(open_cell(&table->cells));
	if (width > table->widths[column])
		table->widths[column] = width;
	buffer_add_char(&table->cells, '\0');
}

static void add_cell(const struct table *table, size_t column, struct text cell,
                     struct buffer *to)
{
	const size_t blanks = table->widths[column] - display_width(cell);
	const bool last = column + 1 == table->columns;
	if (table->right[column])
		buffer_add_blanks(to, blanks);
	buffer_add(to, cell);
	if (!table->right[column] && !last)
		buffer_add_blanks(to, blanks);
	if (last)
		buffer_add_char(to, '\n');
	else
		buffer_add_blanks(to, GAP);
}

void table_add_to(struct table *table, struct buffer *to, bool colour)
{
	struct text rest = buffer_text(&table->cells);
	assert(table->columns > 0); /* begun */
	to->failed |= table->cells.failed;
	buffer_add_string(to, text_style(STYLE_BOLD, colour));
	for (size_t i = 0; rest.len > 0; i++) {
		if (i == table->columns)
			buffer_add_string(to, text_style(STYLE_PLAIN, colour));
		add_cell(table, i % table->columns, text_cut(&rest, '\0'), to);
	}
	if (table->count <= table->columns)
		buffer_add_string(to, text_style(STYLE_PLAIN, colour));
}

void table_free(struct table *table)
{
	buffer_free(&table->cells);
}
