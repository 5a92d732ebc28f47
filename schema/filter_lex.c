#include "schema/filter_lex.h"

#include <string.h>

/* The longer ones first: "<" begins "<=". */
static const struct {
	const char *text;
	enum lex_kind kind;
} symbols[] = {
	{ "==", LEX_EQUAL },    { "!=", LEX_UNEQUAL }, { "<=", LEX_AT_MOST },
	{ ">=", LEX_AT_LEAST }, { "&&", LEX_AND },     { "||", LEX_OR },
	{ "=", LEX_EQUAL },     { "<", LEX_LESS },     { ">", LEX_GREATER },
	{ "~", LEX_MATCHES },   { "(", LEX_OPEN },     { ")", LEX_CLOSE },
	{ ",", LEX_COMMA },     { "!", LEX_NOT },
};

static const struct {
	const char *text;
	enum lex_kind kind;
} keywords[] = {
	{ "and", LEX_AND },
	{ "or", LEX_OR },
	{ "not", LEX_NOT },
	{ "in", LEX_IN },
};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ascii_is_digit(c) ||
	       (c && strchr("_.:/+-@[]%*#", c));
}

static struct lexeme lex_word(struct text rest, size_t at)
{
	size_t len = 1;
	while (len < rest.len && is_word(rest.at[len]))
		len++;
	struct lexeme word = { LEX_WORD, text_head(rest, len), at };
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
		if (text_equal_nocase(word.text, text_from(keywords[i].text)))
			word.kind = keywords[i].kind;
	}
	return word;
}

static struct lexeme lex_string(struct text rest, size_t at)
{
	const char quote = rest.at[0];
	size_t end = 1;
	while (end < rest.len && rest.at[end] != quote) {
		const char following = end + 1 < rest.len ? rest.at[end + 1] : '\0';
		const bool pair =
		        rest.at[end] == '\\' && (following == quote || following == '\\');
		end += pair ? 2 : 1;
	}
	if (end >= rest.len)
		return (struct lexeme){ LEX_BAD_STRING, rest, at };
	return (struct lexeme){ LEX_STRING, { rest.at + 1, end - 1 }, at };
}

struct lexeme lex_next(struct text filter, size_t at, size_t *next)
{
	while (at < filter.len && (ascii_is_space(filter.at[at]) || filter.at[at] == '\n' ||
	                           filter.at[at] == '\r'))
		at++;
	const struct text rest = text_skip(filter, at);
	struct lexeme found = { LEX_END, { rest.at, 0 }, at };
	*next = at;
	if (rest.len == 0)
		return found;
	if (rest.at[0] == '"' || rest.at[0] == '\'') {
		found = lex_string(rest, at);
		*next = at + found.text.len + 2;
		return found;
	}
	if (is_word(rest.at[0])) {
		found = lex_word(rest, at);
		*next = at + found.text.len;
		return found;
	}
	for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
		const struct text symbol = text_from(symbols[i].text);
		if (text_starts(rest, symbol)) {
			*next = at + symbol.len;
			return (struct lexeme){ symbols[i].kind, symbol, at };
		}
	}
	*next = at + 1;
	return (struct lexeme){ LEX_BAD, text_head(rest, 1), at };
}

size_t lex_unquote(struct text s, char *to)
{
	size_t len = 0;
	for (size_t i = 0; i < s.len; i++) {
		const char following = i + 1 < s.len ? s.at[i + 1] : '\0';
		if (s.at[i] == '\\' &&
		    (following == '"' || following == '\'' || following == '\\'))
			i++;
		to[len++] = s.at[i];
	}
	return len;
}
