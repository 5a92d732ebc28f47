/*
 * list.h - what the commands do that list one kind of record out of a database.
 */
#ifndef EARSHOT_PROBE_LIST_H
#define EARSHOT_PROBE_LIST_H

#include "probe/options.h"
#include "probe/table.h"

/* One kind for people: its columns, and how a record becomes a row of cells. */
struct list {
	enum record_kind kind;
	size_t columns;
	const char *const *titles;
	const bool *right;
	void (*add_row)(struct table *table, const struct record *record);
	/* In its place where a row needs more of the database, which that run has. */
	enum status (*ask_row)(struct query *query, struct table *table,
	                       const struct record *record, int64_t run);
};

/*
 * Opens the database and prints these lists, one after the other; the exit status.  With
 * options->filter the first of them alone, which it is of.
 */
int list_command(const char *command, const struct options *options,
                 const struct list *const *lists, size_t count);

/* Cells of these kinds. */
void list_cell_time(struct table *table, nstime t);
void list_cell_word(struct table *table, const struct record *record, const char *field);
void list_cell_wire(struct table *table, const char *bytes);
void list_cell_real(struct table *table, double value, int decimals);
void list_cell_count(struct table *table, uint64_t count); /* nothing for 0 */
void list_cell_endpoint(struct table *table, const struct endpoint *endpoint);

#endif
