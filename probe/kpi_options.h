/*
 * kpi_options.h - the command line of `earshot kpis`.
 */
#ifndef EARSHOT_PROBE_KPI_OPTIONS_H
#define EARSHOT_PROBE_KPI_OPTIONS_H

#include "analyzer/model/kpi_definition.h"
#include "probe/config.h"
#include "probe/print.h"
#include "schema/kpi.h"

enum { KPI_COLUMNS_MAX = 64 };

struct kpi_options {
	const char *db;
	struct kpi_request request;
	enum print_mode mode;
	const struct kpi_definition *columns[KPI_COLUMNS_MAX]; /* asked for; 0: the usual */
	size_t column_count;
	char time_zone[CONFIG_NAME]; /* empty: the process's own */
	bool help;
};

/* Prints what is wrong. */
bool kpi_options_read(int argc, char **argv, struct kpi_options *out);

#endif
