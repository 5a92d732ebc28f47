#include "probe/redact.h"

#include <stdlib.h>

#include "analyzer/wire/sip_redact.h"
#include "schema/store.h"

enum { TEXT_ROOM = 4096 }; /* more than any field of a record */

struct redact_room {
	struct record record;
	char text[TEXT_ROOM];
	char message[STORE_RAW_MAX + 1]; /* one more tells that it was longer */
};

enum status redact_room_new(struct redact_room **out)
{
	*out = malloc(sizeof **out);
	return *out ? OK : ERR_NOMEM;
}

void redact_room_free(struct redact_room *room)
{
	free(room);
}

/* The text that takes its place, or an empty one: it stays. */
static struct text redacted_text(struct redact_room *room, const char *value)
{
	const struct text t = text_from(value);
	if (!sip_may_hold_password(t))
		return (struct text){ 0 };
	const struct text now = { room->text,
		                  sip_redact_uris(t, room->text, sizeof room->text) };
	if (text_equal(now, t))
		return (struct text){ 0 };
	return now;
}

/* Most records hold nothing, and go on as they are. */
static const struct record *without_passwords(struct redact_room *room,
                                              const struct record *record)
{
	const struct field_table table = record_fields(record->kind);
	const struct record *out = record;
	for (size_t i = 0; i < table.count; i++) {
		const struct field *field = &table.fields[i];
		if (field->type != FIELD_TEXT)
			continue;
		const struct text now = redacted_text(room, field_at(record, field));
		if (now.len == 0)
			continue;
		if (out == record)
			room->record = *record;
		out = &room->record;
		text_copy((char *)&room->record + field->offset, field->size, now);
	}
	return out;
}

static void accept(void *self, const struct record *record)
{
	const struct redact *redact = self;
	struct redact_room *room = redact->room;
	const struct record *out = without_passwords(room, record);
	if (record->kind == RECORD_MESSAGE && record->tail.len) {
		if (out == record)
			room->record = *record;
		out = &room->record;
		room->record.tail = (struct span){
			(const uint8_t *)room->message,
			sip_redact(text_of(record->tail), room->message,
			           sizeof room->message),
		};
	}
	redact->to->accept(redact->to->self, out);
}

struct sink redact_sink(struct redact *redact)
{
	return (struct sink){ accept, redact };
}
