#include "analyzer/model/number.h"

#include <string.h>

void number_plan_default(struct number_plan *out)
{
	memset(out, 0, sizeof *out);
	memcpy(out->emergency[0], "112", 4);
	memcpy(out->emergency[1], "911", 4);
	out->emergency_count = 2;
}
