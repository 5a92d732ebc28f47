#include "analyzer/base/status.h"

#include <assert.h>

static const char *const names[] = {
	[OK] = "ok",
	[ERR_TRUNCATED] = "truncated",
	[ERR_MALFORMED] = "malformed",
	[ERR_UNSUPPORTED] = "unsupported",
	[ERR_NOT_FOUND] = "not_found",
	[ERR_TOO_LONG] = "too_long",
	[ERR_FULL] = "full",
	[ERR_NOMEM] = "no_memory",
	[ERR_IO] = "io_error",
};
static_assert(ARRAY_LEN(names) == STATUS_COUNT, "name every status");

const char *status_name(enum status status)
{
	return (unsigned int)status < STATUS_COUNT ? names[status] : "?";
}
