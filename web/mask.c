#include "web/mask_parts.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "schema/field_text.h"

enum { PSEUDONYM_OCTETS = 6, DIGITS_LEAST = 3, FIGURE_DIGITS = 6 };

#define SENTENCE_AT(member)                                                                \
	offsetof(struct record, member), sizeof((struct record *)NULL)->member

static const char hex[] = "0123456789abcdef";

void mask_init(struct mask *mask, const uint8_t key[SECRET_BYTES])
{
	*mask = (struct mask){ 0 };
	memcpy(mask->key, key, SECRET_BYTES);
}

void mask_free(struct mask *mask)
{
	buffer_free(&mask->tail);
	free(mask->memory);
	*mask = (struct mask){ 0 };
}

bool mask_hides(const struct field *field)
{
	return (field->type == FIELD_TEXT && !field->open) ||
	       field->type == FIELD_ENDPOINT || field->type == FIELD_ADDRESS;
}

/* --- who is meant --------------------------------------------------------------------- */

/* Behind the first "sip:", "sips:" or "tel:"; .at is NULL where there is none. */
static struct text behind_scheme(struct text t)
{
	static const char *const schemes[] = { "sips:", "sip:", "tel:" };
	for (size_t i = 0; i < t.len; i++) {
		for (size_t s = 0; s < ARRAY_LEN(schemes); s++) {
			const struct text scheme = text_from(schemes[s]);
			if (text_starts_nocase(text_skip(t, i), scheme))
				return text_skip(t, i + scheme.len);
		}
	}
	return (struct text){ 0 };
}

static struct text head_to_any(struct text t, const char *ends)
{
	size_t len = 0;
	while (len < t.len && !strchr(ends, t.at[len]))
		len++;
	return text_head(t, len);
}

/* The user part; of what has none the host, or all there is. */
static struct text user_of(struct text t, bool *is_uri)
{
	const struct text uri = behind_scheme(t);
	*is_uri = uri.at;
	if (uri.at)
		t = head_to_any(uri, ">, \t\r\n\"");
	const size_t at = text_find(t, '@');
	if (at < t.len || uri.at)
		t = head_to_any(text_head(t, at), ";:?");
	return text_trim(t);
}

bool mask_is_in_number(char c)
{
	return c && (ascii_is_digit(c) || strchr("+-.() /", c));
}

/* Digits alone, or lower case.  `to` has room. */
static void write_person(struct text user, char to[MASK_PERSON])
{
	size_t digits = 0;
	size_t len = 0;
	bool number = true;
	user = text_head(user, MASK_PERSON - 1);
	for (size_t i = 0; i < user.len; i++) {
		digits += ascii_is_digit(user.at[i]);
		number &= mask_is_in_number(user.at[i]);
	}
	number &= digits >= DIGITS_LEAST;
	if (number && text_starts(user, TEXT("00")))
		user = text_skip(user, 2);
	for (size_t i = 0; i < user.len; i++) {
		if (!number || ascii_is_digit(user.at[i]))
			to[len++] = ascii_lower(user.at[i]);
	}
	to[len] = '\0';
}

/* NULL without memory: then pseudonyms differ where they need not. */
static struct mask_memory *memory_of(struct mask *mask)
{
	if (!mask->memory)
		mask->memory = calloc(1, sizeof *mask->memory);
	return mask->memory;
}

static const char *number_of(const struct mask *mask, const char *user)
{
	const struct mask_memory *m = mask->memory;
	for (size_t i = 0; m && i < m->alias_count && i < MASK_ALIASES; i++) {
		if (strcmp(m->aliases[i].user, user) == 0)
			return m->aliases[i].number;
	}
	return user;
}

static void learn(struct mask *mask, const char *uri, const char *number)
{
	struct mask_alias alias = { 0 };
	bool is_uri;
	write_person(user_of(text_from(uri), &is_uri), alias.user);
	write_person(text_from(number), alias.number);
	if (!alias.user[0] || !alias.number[0] || strcmp(alias.user, alias.number) == 0 ||
	    strcmp(number_of(mask, alias.user), alias.number) == 0 || !memory_of(mask))
		return;
	mask->memory->aliases[mask->memory->alias_count++ % MASK_ALIASES] = alias;
}

static bool is_carrier(const struct mask *mask, const struct address *address)
{
	const struct mask_memory *m = mask->memory;
	for (size_t i = 0; m && i < m->carrier_count && i < MASK_CARRIERS; i++) {
		if (address_equal(&m->carriers[i], address))
			return true;
	}
	return false;
}

static void learn_carrier(struct mask *mask, const struct address *address)
{
	if (!address_is_unspecified(address) && !is_carrier(mask, address) &&
	    memory_of(mask))
		mask->memory->carriers[mask->memory->carrier_count++ % MASK_CARRIERS] =
		        *address;
}

/* --- pseudonyms ----------------------------------------------------------------------- */

void mask_text(struct mask *mask, struct text t, char to[MASK_TEXT])
{
	char person[MASK_PERSON];
	uint8_t octets[16];
	bool is_uri;
	size_t len = 0;
	to[0] = '\0';
	if (t.len == 0)
		return;
	write_person(user_of(t, &is_uri), person);
	secret_keyed(mask->key, text_from(number_of(mask, person)), octets, sizeof octets);
	if (is_uri) {
		memcpy(to, "sip:", 4);
		len = 4;
	}
	to[len++] = '~';
	for (size_t i = 0; i < PSEUDONYM_OCTETS; i++) {
		to[len++] = hex[octets[i] >> 4];
		to[len++] = hex[octets[i] & 0xf];
	}
	to[len] = '\0';
}

struct address mask_address(const struct mask *mask, const struct address *address)
{
	uint8_t octets[16];
	struct address masked = { .bytes = { 0x01, 0x00 } };
	if (address_is_unspecified(address) || is_carrier(mask, address))
		return *address;
	secret_keyed(mask->key, text_of((struct span){ address->bytes, 16 }), octets,
	             sizeof octets);
	memcpy(masked.bytes + 8, octets, 8);
	return masked;
}

/* --- sentences of ours ---------------------------------------------------------------- */

/* An address, with or without a port, in words of ours. */
bool mask_add_address(const struct mask *mask, struct text word, struct buffer *to)
{
	struct endpoint e = { 0 };
	char text[ENDPOINT_TEXT_SIZE];
	if (address_parse(word, &e.address) == OK) {
		e.address = mask_address(mask, &e.address);
		buffer_add_string(to, address_format(&e.address, text));
	} else if (endpoint_parse(word, &e) == OK) {
		e.address = mask_address(mask, &e.address);
		buffer_add_string(to, endpoint_format(&e, text));
	} else {
		return false;
	}
	return true;
}

static bool has_long_number(struct text word)
{
	size_t run = 0;
	for (size_t i = 0; i < word.len; i++) {
		run = ascii_is_digit(word.at[i]) ? run + 1 : 0;
		if (run > FIGURE_DIGITS)
			return true;
	}
	return false;
}

/* A URI, or user@host. */
static bool names_somebody(struct text word)
{
	return behind_scheme(word).at || (word.len > 1 && text_find(word, '@') < word.len);
}

static void add_masked_word(struct mask *mask, struct text word, struct buffer *to)
{
	char pseudonym[MASK_TEXT];
	size_t end = word.len;
	while (end > 0 && strchr(",;:.)", word.at[end - 1]))
		end--;
	const struct text core = text_head(word, end);
	if (mask_add_address(mask, core, to)) {
		buffer_add(to, text_skip(word, end));
	} else if (has_long_number(word) || names_somebody(core)) {
		mask_text(mask, core, pseudonym);
		buffer_add_string(to, pseudonym);
		buffer_add(to, text_skip(word, end));
	} else {
		buffer_add(to, word);
	}
}

static void add_masked_words(struct mask *mask, struct text words, struct buffer *to)
{
	while (words.len > 0) {
		const size_t end = text_find(words, ' ');
		add_masked_word(mask, text_head(words, end), to);
		words = text_skip(words, end);
		if (words.len > 0)
			buffer_add_char(to, ' ');
		words = text_skip(words, 1);
	}
}

/* What somebody else wrote stands in quotes, and may have some itself. */
static void add_masked_sentence(struct mask *mask, struct text t, struct buffer *to)
{
	const size_t first = text_find(t, '"');
	size_t last = t.len;
	char pseudonym[MASK_TEXT];
	add_masked_words(mask, text_head(t, first), to);
	if (first == t.len)
		return;
	while (last > first + 1 && t.at[last - 1] != '"')
		last--;
	if (last == first + 1) /* the closing one was cut off */
		last = t.len;
	mask_text(mask, text_skip(text_head(t, last), first), pseudonym);
	buffer_add_string(to, pseudonym);
	add_masked_words(mask, text_skip(t, last), to);
}

/* --- records -------------------------------------------------------------------------- */

static void mask_endpoint(struct mask *mask, const struct field *field,
                          struct record *record)
{
	struct endpoint *e = (struct endpoint *)((char *)record + field->offset);
	if (field->trunk && ((const char *)record)[field->trunk])
		learn_carrier(mask, &e->address);
	e->address = mask_address(mask, &e->address);
}

/* A text that is an address, as an endpoint would be. */
static bool mask_host(struct mask *mask, char *text, size_t size)
{
	struct buffer masked = { 0 };
	const bool is_address = mask_add_address(mask, text_from(text), &masked);
	if (is_address)
		text_copy(text, size, masked.failed ? TEXT("") : buffer_text(&masked));
	buffer_free(&masked);
	return is_address;
}

static void mask_field(struct mask *mask, const struct field *field, struct record *record)
{
	char *text = (char *)record + field->offset;
	char pseudonym[MASK_TEXT];
	if (!mask_hides(field))
		return;
	if (field->type == FIELD_TEXT && mask_is_common(text_from(text)))
		return;
	if (field->type != FIELD_TEXT) {
		mask_endpoint(mask, field, record);
		return;
	}
	if (!mask_host(mask, text, field->size)) {
		mask_text(mask, text_from(text), pseudonym);
		text_copy(text, field->size, text_from(pseudonym));
	}
}

/* Sentences of ours, within which somebody may stand; query: a filter, its quotes ours. */
static const struct {
	enum record_kind kind;
	size_t offset, size; /* within struct record */
	bool query;
} sentences[] = {
	{ RECORD_FINDING, SENTENCE_AT(finding.sentence), false },
	{ RECORD_FINDING, SENTENCE_AT(finding.evidence), false },
	{ RECORD_ALERT, SENTENCE_AT(alert.subject), false },
	{ RECORD_ALERT, SENTENCE_AT(alert.summary), false },
	{ RECORD_ALERT, SENTENCE_AT(alert.finding_sentence), false },
	{ RECORD_ALERT, SENTENCE_AT(alert.query), true },
};

/* What is put in the place of what was hidden. */
struct shown {
	struct buffer of[ARRAY_LEN(sentences)];
	struct buffer summary, cseq; /* of a message */
};

static void show_some(struct mask *mask, const struct record *record, struct shown *shown)
{
	const struct message_record *message = &record->message;
	if (record->kind == RECORD_MESSAGE) {
		mask_add_summary(mask, text_from(message->summary), &shown->summary);
		mask_add_cseq(mask, text_from(message->cseq), &shown->cseq);
	}
	for (size_t i = 0; i < ARRAY_LEN(sentences); i++) {
		const char *at = (const char *)record + sentences[i].offset;
		if (record->kind != sentences[i].kind)
			continue;
		if (sentences[i].query)
			add_masked_words(mask, text_from(at), &shown->of[i]);
		else
			add_masked_sentence(mask, text_from(at), &shown->of[i]);
	}
}

static void replace(char *text, size_t size, struct buffer *with)
{
	if (!with->failed)
		text_copy(text, size, buffer_text(with));
	buffer_free(with);
}

static void put_shown(struct shown *shown, struct record *record)
{
	struct message_record *message = &record->message;
	if (record->kind == RECORD_MESSAGE) {
		replace(message->summary, sizeof message->summary, &shown->summary);
		replace(message->cseq, sizeof message->cseq, &shown->cseq);
	}
	for (size_t i = 0; i < ARRAY_LEN(sentences); i++)
		if (record->kind == sentences[i].kind)
			replace((char *)record + sentences[i].offset, sentences[i].size,
			        &shown->of[i]);
}

static void mask_tail(struct mask *mask, struct record *record)
{
	mask->tail.len = 0;
	mask_add_message(mask, text_of(record->tail), &mask->tail);
	record->tail = text_bytes(buffer_text(&mask->tail));
	if (mask->tail.failed)
		record->tail.len = 0;
}

void mask_record(struct mask *mask, struct record *record)
{
	const struct field_table table = record_fields(record->kind);
	struct shown shown = { 0 };
	if (record->kind == RECORD_LEG) {
		learn(mask, record->leg.from, record->leg.number_from);
		learn(mask, record->leg.to, record->leg.number_to);
	}
	if (record->kind == RECORD_ALERT && record->alert.trunk[0])
		learn_carrier(mask, &record->alert.peer.address);
	show_some(mask, record, &shown);
	for (size_t i = 0; i < table.count; i++)
		mask_field(mask, &table.fields[i], record);
	put_shown(&shown, record);
	if (record->kind == RECORD_MESSAGE)
		mask_tail(mask, record);
}

static void change(void *self, struct record *record)
{
	mask_record(self, record);
}

struct query_lens mask_lens(struct mask *mask)
{
	return (struct query_lens){ change, mask };
}
