/*
 * trunk_rules.h - what goes over a trunk otherwise than the operator expects of it.
 */
#ifndef EARSHOT_TRACK_TRUNK_RULES_H
#define EARSHOT_TRACK_TRUNK_RULES_H

#include "analyzer/model/record.h"
#include "analyzer/model/trunk.h"

/*
 * enum leg_violation and enum stream_violation of a leg or stream with that trunk at one
 * end; 0 where the trunk is NULL.  What cannot be told breaks no rule.
 */
uint32_t trunk_rules_leg(const struct trunk *trunk, const struct leg_record *leg);
uint32_t trunk_rules_stream(const struct trunk *trunk, const struct stream_record *stream);

#endif
