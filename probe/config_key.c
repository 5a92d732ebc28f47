/* config_key.c - the value of one key: what it may be, read from text, and shown. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probe/bytes_text.h"
#include "probe/config_table.h"

/* --- what a value may be -------------------------------------------------------------- */

static void add_names(const struct config_key *key, struct buffer *out)
{
	const char *before = "one of ";
	for (size_t i = 0; i < key->name_count; i++) {
		if (!key->names[i])
			continue;
		buffer_add_string(out, before);
		buffer_add_string(out, key->names[i]);
		before = ", ";
	}
}

void config_add_allowed(const struct config_key *key, struct buffer *out)
{
	switch (key->type) {
	case CONFIG_SECTION:
		buffer_add_string(out, "a mapping of keys");
		break;
	case CONFIG_OBJECTS:
		buffer_add_string(out, "a list of mappings");
		break;
	case CONFIG_TEXT:
		buffer_format(out, "text of 1 to %zu characters", key->size - 1);
		break;
	case CONFIG_DIGITS:
		buffer_format(out, "1 to %zu digits", key->size - 1);
		break;
	case CONFIG_NUMBER:
		buffer_format(out, "a whole number of %.0f to %.0f", key->least, key->most);
		break;
	case CONFIG_REAL:
	case CONFIG_SECONDS:
		buffer_format(out, "a number of %g to %g", key->least, key->most);
		break;
	case CONFIG_BYTES:
		buffer_add_string(out, "a size such as 512MiB, of ");
		bytes_show((uint64_t)key->least, out);
		buffer_add_string(out, " to ");
		bytes_show((uint64_t)key->most, out);
		break;
	case CONFIG_FLAG:
		buffer_add_string(out, "true or false");
		break;
	case CONFIG_NAME_OF:
		add_names(key, out);
		break;
	case CONFIG_CUSTOM:
		buffer_add_string(out, key->list ? "a list of " : "");
		buffer_add_string(out, key->allowed);
		break;
	}
}

/* --- values --------------------------------------------------------------------------- */

static uint64_t read_unsigned(const void *at, size_t size)
{
	switch (size) {
	case 1:
		return *(const uint8_t *)at;
	case 2:
		return *(const uint16_t *)at;
	case 4:
		return *(const uint32_t *)at;
	default:
		return *(const uint64_t *)at;
	}
}

static void write_unsigned(void *at, size_t size, uint64_t value)
{
	switch (size) {
	case 1:
		*(uint8_t *)at = (uint8_t)value;
		break;
	case 2:
		*(uint16_t *)at = (uint16_t)value;
		break;
	case 4:
		*(uint32_t *)at = (uint32_t)value;
		break;
	default:
		*(uint64_t *)at = value;
		break;
	}
}

void config_add_value(const struct config_key *key, const struct config *config,
                      struct buffer *out)
{
	const void *at = (const char *)config + key->offset;
	switch (key->type) {
	case CONFIG_SECTION:
	case CONFIG_OBJECTS:
		break;
	case CONFIG_TEXT:
		buffer_add_string(out, at);
		break;
	case CONFIG_DIGITS:
		if (*(const char *)at)
			buffer_format(out, "\"%s\"", (const char *)at);
		break;
	case CONFIG_NUMBER:
		if ((double)read_unsigned(at, key->size) >= key->least &&
		    (double)read_unsigned(at, key->size) <= key->most)
			buffer_add_number(out, read_unsigned(at, key->size));
		break;
	case CONFIG_REAL:
		if (!isnan(*(const double *)at))
			buffer_format(out, "%.15g", *(const double *)at);
		break;
	case CONFIG_SECONDS:
		if (ns_to_s(*(const nstime *)at) >= key->least)
			buffer_format(out, "%.15g", ns_to_s(*(const nstime *)at));
		break;
	case CONFIG_BYTES:
		if ((double)read_unsigned(at, key->size) >= key->least)
			bytes_show(read_unsigned(at, key->size), out);
		break;
	case CONFIG_FLAG:
		buffer_add_string(out, *(const bool *)at ? "true" : "false");
		break;
	case CONFIG_NAME_OF:
		if (key->names[*(const unsigned int *)at])
			buffer_add_string(out, key->names[*(const unsigned int *)at]);
		break;
	case CONFIG_CUSTOM:
		if (key->show)
			key->show(config, out);
		break;
	}
}

static bool is_printable(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
			return false;
	return text.len > 0;
}

static bool take_digits(char *to, size_t size, struct text value)
{
	if (value.len && value.at[0] == '+')
		value = text_skip(value, 1);
	for (size_t i = 0; i < value.len; i++)
		if (!ascii_is_digit(value.at[i]))
			return false;
	return value.len > 0 && text_copy(to, size, value);
}

static bool take_real(const struct config_key *key, const char *value, double *out)
{
	char *end;
	*out = strtod(value, &end);
	return end != value && *end == '\0' && *out >= key->least && *out <= key->most;
}

static bool take_name(const struct config_key *key, struct text value, unsigned int *out)
{
	for (size_t i = 0; i < key->name_count; i++) {
		if (!key->names[i] || !text_equal(text_from(key->names[i]), value))
			continue;
		*out = (unsigned int)i;
		return true;
	}
	return false;
}

static bool take_plain(const struct config_key *key, void *at, const char *value)
{
	const struct text text = text_from(value);
	uint64_t number;
	double real;
	switch (key->type) {
	case CONFIG_TEXT:
		return is_printable(text) && text_copy(at, key->size, text);
	case CONFIG_DIGITS:
		return take_digits(at, key->size, text);
	case CONFIG_NUMBER:
		if (text_number(text, (uint64_t)key->most, &number) != OK ||
		    (double)number < key->least)
			return false;
		write_unsigned(at, key->size, number);
		return true;
	case CONFIG_REAL:
		return take_real(key, value, at);
	case CONFIG_SECONDS:
		if (!take_real(key, value, &real))
			return false;
		*(nstime *)at = (nstime)llround(real * 1000) * NS_PER_MS;
		return true;
	case CONFIG_BYTES:
		if (!bytes_read(text, &number) || (double)number < key->least ||
		    (double)number > key->most)
			return false;
		write_unsigned(at, key->size, number);
		return true;
	case CONFIG_FLAG:
		*(bool *)at = strcmp(value, "true") == 0;
		return *(bool *)at || strcmp(value, "false") == 0;
	case CONFIG_NAME_OF:
		return take_name(key, text, at);
	default:
		return false;
	}
}

bool config_take(const struct config_key *key, struct config *config, const char *value,
                 struct option_error *error)
{
	if (key->type == CONFIG_CUSTOM)
		return key->take(config, value, error);
	if (take_plain(key, (char *)config + key->offset, value))
		return true;
	struct buffer allowed = { 0 };
	config_add_allowed(key, &allowed);
	option_refuse(error, "'%s' is not %.*s", value, (int)allowed.len,
	              allowed.at ? allowed.at : "");
	buffer_free(&allowed);
	return false;
}

bool config_key_needs_restart(const struct config_key *key, const struct config *a,
                              const struct config *b)
{
	return key->restart && memcmp((const char *)a + key->offset,
	                              (const char *)b + key->offset, key->size) != 0;
}
