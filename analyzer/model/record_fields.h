/*
 * record_fields.h - how the field tables of the kinds are written, and where they meet.
 */
#ifndef EARSHOT_MODEL_RECORD_FIELDS_H
#define EARSHOT_MODEL_RECORD_FIELDS_H

#include "analyzer/model/record.h"

/* NOLINTBEGIN(bugprone-macro-parentheses): a member is no expression */
#define AT(kind, member) offsetof(struct record, kind.member)
#define TEXT_AT(kind, member)                                                              \
	AT(kind, member), .size = sizeof((struct record *)NULL)->kind.member
/* NOLINTEND(bugprone-macro-parentheses) */
#define NAMES(table) .names = (table), .name_count = ARRAY_LEN(table)
#define TABLE(fields)                                                                      \
	{                                                                                  \
		(fields), ARRAY_LEN(fields)                                                \
	}

/* One for each kind; record_KIND.c. */
extern const struct field_table record_leg_table;
extern const struct field_table record_call_table;
extern const struct field_table record_finding_table;
extern const struct field_table record_kpi_table;
extern const struct field_table record_stream_table;
extern const struct field_table record_report_table;
extern const struct field_table record_registration_table;
extern const struct field_table record_message_table;
extern const struct field_table record_encrypted_table;
extern const struct field_table record_binding_table;
extern const struct field_table record_peer_table;
extern const struct field_table record_event_table;
extern const struct field_table record_observation_table;
extern const struct field_table record_alert_table;

/* Names that several kinds show; index 0 is "not known" and has none. */
extern const char *const direction_names[DIRECTION_COUNT];
extern const char *const band_names[BAND_COUNT];
extern const char *const leg_state_names[LEG_STATE_COUNT];
extern const char *const joined_by_names[JOINED_BY_COUNT];

#endif
