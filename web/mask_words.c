/*
 * mask_words.c - what one person says to another about an alert: words stay, numbers and
 * addresses of people do not.
 */
#include "web/mask_parts.h"

static bool ends_word(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == ',' || c == ';' || c == '<' ||
	       c == '>' || c == '"' || c == '\'';
}

static struct text first_word(struct text t)
{
	size_t len = 0;
	while (len < t.len && !ends_word(t.at[len]))
		len++;
	return text_head(t, len);
}

/* Without the full stop or the colon behind it. */
static struct text without_point(struct text word)
{
	while (word.len > 0 &&
	       (word.at[word.len - 1] == '.' || word.at[word.len - 1] == ':'))
		word.len--;
	return word;
}

/* A number at the beginning, from its first digit or + to its last digit; empty: none. */
static struct text first_number(struct text t)
{
	size_t digits = 0;
	size_t end = 0;
	if (t.len == 0 || !(ascii_is_digit(t.at[0]) || t.at[0] == '+' || t.at[0] == '('))
		return text_head(t, 0);
	for (size_t i = 0; i < t.len && mask_is_in_number(t.at[i]); i++) {
		if (!ascii_is_digit(t.at[i]))
			continue;
		digits++;
		end = i + 1;
	}
	return text_head(t, digits >= MASK_DIGITS ? end : 0);
}

static bool add_hidden_word(struct mask *mask, struct text word, struct buffer *to)
{
	if (mask_add_address(mask, word, to))
		return true;
	if (text_find(word, '@') == word.len &&
	    text_find_text(word, TEXT("sip:")) == word.len)
		return false;
	mask_add_hidden(mask, word, to);
	return true;
}

void mask_add_words(struct mask *mask, struct text words, struct buffer *to)
{
	bool begins = true; /* a word, or behind a letter a number */
	while (words.len > 0) {
		const struct text word = without_point(first_word(words));
		const struct text number = first_number(words);
		size_t taken = 1;
		if (begins && word.len > 0 && add_hidden_word(mask, word, to)) {
			taken = word.len;
		} else if (number.len > 0) {
			mask_add_hidden(mask, number, to);
			taken = number.len;
		} else {
			buffer_add_char(to, words.at[0]);
		}
		begins = ends_word(words.at[taken - 1]);
		words = text_skip(words, taken);
	}
}
