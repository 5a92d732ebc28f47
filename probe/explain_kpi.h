/*
 * explain_kpi.h - `earshot explain kpi`: how key performance indicators are defined.
 */
#ifndef EARSHOT_PROBE_EXPLAIN_KPI_H
#define EARSHOT_PROBE_EXPLAIN_KPI_H

/* argv[0] is "kpi"; then names, all when there is none.  Returns the exit status. */
int explain_kpi(int argc, char **argv);

#endif
