#include "analyzer/model/pressure.h"

#include "analyzer/base/status.h"

const char *const pressure_names[PRESSURE_TABLES] = {
	[PRESSURE_CALLS] = "calls",         [PRESSURE_STREAMS] = "streams",
	[PRESSURE_REQUESTS] = "requests",   [PRESSURE_FRAGMENTS] = "fragments",
	[PRESSURE_TCP] = "tcp_connections",
};
