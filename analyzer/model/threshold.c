#include "analyzer/model/threshold.h"

const uint32_t threshold_defaults[THRESHOLD_COUNT] = {
#define THRESHOLD_VALUE(member, key, value, most, doc) [THRESHOLD_##member] = (value),
	THRESHOLDS(THRESHOLD_VALUE)
#undef THRESHOLD_VALUE
};
