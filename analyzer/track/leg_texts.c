#include "analyzer/track/leg_texts.h"

#include <stdlib.h>
#include <string.h>

struct leg_text {
	struct leg_text *next;
	enum leg_text_kind kind;
	uint16_t len;
	char at[];
};

static struct leg_text **find(struct leg_texts *texts, enum leg_text_kind kind)
{
	struct leg_text **link = &texts->first;
	while (*link && (*link)->kind != kind)
		link = &(*link)->next;
	return link;
}

void leg_texts_keep(struct leg_texts *texts, enum leg_text_kind kind, struct text text,
                    size_t most)
{
	const struct text kept = text_head(text, most < UINT16_MAX ? most : UINT16_MAX);
	struct leg_text **link = find(texts, kind);
	if (*link || kept.len == 0)
		return;
	struct leg_text *new = malloc(sizeof *new + kept.len);
	if (!new) {
		texts->no_memory = true;
		return;
	}
	new->next = NULL;
	new->kind = kind;
	new->len = (uint16_t)kept.len;
	memcpy(new->at, kept.at, kept.len);
	*link = new;
}

void leg_texts_replace(struct leg_texts *texts, enum leg_text_kind kind, struct text text,
                       size_t most)
{
	struct leg_text **link = find(texts, kind);
	struct leg_text *old = *link;
	if (old) {
		*link = old->next;
		free(old);
	}
	leg_texts_keep(texts, kind, text, most);
}

struct text leg_texts_get(const struct leg_texts *texts, enum leg_text_kind kind)
{
	for (const struct leg_text *text = texts->first; text; text = text->next)
		if (text->kind == kind)
			return (struct text){ text->at, text->len };
	return (struct text){ 0 };
}

size_t leg_texts_memory(const struct leg_texts *texts)
{
	size_t bytes = 0;
	for (const struct leg_text *text = texts->first; text; text = text->next)
		bytes += sizeof *text + text->len;
	return bytes;
}

void leg_texts_copy(const struct leg_texts *texts, enum leg_text_kind kind, char *to,
                    size_t size)
{
	text_copy(to, size, leg_texts_get(texts, kind));
}

void leg_texts_free(struct leg_texts *texts)
{
	for (struct leg_text *next, *text = texts->first; text; text = next) {
		next = text->next;
		free(text);
	}
	texts->first = NULL;
}
