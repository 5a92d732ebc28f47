#include "probe/redact.h"

#include <assert.h>
#include <stdlib.h>

#include "analyzer/wire/sip_redact.h"
#include "schema/store.h"

enum { TEXT_ROOM = 4096 }; /* more than any field of a record */
enum { TEXT_FIELDS = 64 }; /* more than any record has */

struct text_fields {
	size_t count;
	const struct field *at[TEXT_FIELDS];
};

struct redact_room {
	struct text_fields texts[RECORD_KIND_COUNT];
	struct record record;
	char text[TEXT_ROOM];
	char message[STORE_RAW_MAX + 1]; /* one more tells that it was longer */
};

static void find_texts(struct field_table table, struct text_fields *out)
{
	out->count = 0;
	for (size_t i = 0; i < table.count; i++) {
		if (table.fields[i].type != FIELD_TEXT)
			continue;
		assert(out->count < TEXT_FIELDS);
		out->at[out->count++] = &table.fields[i];
	}
}

enum status redact_room_new(struct redact_room **out)
{
	struct redact_room *room = malloc(sizeof *room);
	*out = room;
	for (size_t kind = 0; room && kind < RECORD_KIND_COUNT; kind++)
		find_texts(record_fields((enum record_kind)kind), &room->texts[kind]);
	return room ? OK : ERR_NOMEM;
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
	const struct text_fields *texts = &room->texts[record->kind];
	const struct record *out = record;
	for (size_t i = 0; i < texts->count; i++) {
		const struct field *field = texts->at[i];
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
