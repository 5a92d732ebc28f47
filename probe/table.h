/*
 * table.h - cells in aligned columns, for a list that fits into memory.
 */
#ifndef EARSHOT_PROBE_TABLE_H
#define EARSHOT_PROBE_TABLE_H

#include "web/buffer.h"

enum { TABLE_MAX_COLUMNS = 20 };

struct table {
	size_t columns;
	const char *const *titles; /* borrowed; `columns` of them */
	const bool *right;         /* borrowed; columns that are aligned to the right */
	struct buffer cells;       /* displayable, each ended by NUL */
	size_t count;              /* of cells */
	size_t widths[TABLE_MAX_COLUMNS];
};

void table_begin(struct table *table, size_t columns, const char *const *titles,
                 const bool *right);

/* The next cell, row by row: what is added to table->cells until table_end_cell. */
void table_end_cell(struct table *table);

/* Titles and rows. */
void table_add_to(struct table *table, struct buffer *to, bool colour);

void table_free(struct table *table);

#endif
