#include "probe/notify_syslog.h"

#include <ctype.h>
#include <math.h>

#include "web/display.h"

/* Printable ASCII without blanks, at most `most`; "-" where nothing is left. */
static void add_word(struct buffer *out, const char *word, size_t most)
{
	size_t len = 0;
	for (; *word && len < most; word++)
		if (*word > ' ' && *word < 0x7f) {
			buffer_add_char(out, *word);
			len++;
		}
	buffer_add_string(out, len ? "" : "-");
}

void syslog_add_head(const struct notify_settings *settings,
                     const struct receiver *receiver, unsigned int severity, nstime at,
                     const char *id, struct buffer *out)
{
	buffer_format(out, "<%u>1 ", receiver->facility * 8 + severity);
	display_time(out, at, 6);
	buffer_add_char(out, ' ');
	add_word(out, settings->sensor, 255);
	buffer_add_string(out, " earshot - ");
	for (size_t i = 0; i < 32 && id[i]; i++)
		buffer_add_char(out, (char)toupper((unsigned char)id[i]));
	buffer_add_char(out, ' ');
}

/* RFC 5424 6.3.3: " \ and ] are escaped; whatever a stranger wrote is ASCII before. */
void syslog_add_parameter(struct buffer *out, const char *name, struct text value)
{
	struct buffer plain = { 0 };
	display_log(&plain, value);
	buffer_format(out, " %s=\"", name);
	for (size_t i = 0; i < plain.len; i++) {
		if (plain.at[i] == '"' || plain.at[i] == '\\' || plain.at[i] == ']')
			buffer_add_char(out, '\\');
		buffer_add_char(out, plain.at[i]);
	}
	buffer_add_char(out, '"');
	buffer_free(&plain);
}

void syslog_add_real(struct buffer *out, const char *name, double value)
{
	if (!isnan(value))
		buffer_format(out, " %s=\"%.15g\"", name, value);
}
