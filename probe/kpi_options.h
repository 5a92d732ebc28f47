/*
 * kpi_options.h - the command line of `earshot kpis`.
 */
#ifndef EARSHOT_PROBE_KPI_OPTIONS_H
#define EARSHOT_PROBE_KPI_OPTIONS_H

#include "probe/config.h"
#include "probe/option_table.h"
#include "probe/print.h"
#include "schema/kpi.h"

struct kpi_options {
	const char *db;
	struct kpi_request request; /* borrows filter and zone */
	enum print_mode mode;
	struct kpi_columns columns;  /* asked for; none: the usual */
	char time_zone[CONFIG_NAME]; /* empty: that of the database */
	struct kpi_zone zone;
	struct filter *filter; /* owned; NULL: all */
};

/* Prints what is wrong.  kpi_options_free in any case; *out stays where it is. */
enum option_outcome kpi_options_read(int argc, char **argv, struct kpi_options *out);
void kpi_options_free(struct kpi_options *options);

#endif
