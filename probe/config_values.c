#include "probe/config_values.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/local_time_zone.h"
#include "probe/quality_options.h"
#include "probe/rtp_map.h"
#include "schema/field_text.h"

/* --- the sensor ----------------------------------------------------------------------- */

#define ZONES "/usr/share/zoneinfo/"

/* Of a path below the zones: nothing that leads out of there. */
static bool is_zone_name(struct text name)
{
	static const char others[] = "/_+-";
	for (size_t i = 0; i < name.len; i++) {
		const char c = ascii_lower(name.at[i]);
		if ((c < 'a' || c > 'z') && !ascii_is_digit(c) && !strchr(others, c))
			return false;
	}
	return name.len > 0 && name.at[0] != '/' && name.at[name.len - 1] != '/';
}

bool config_take_time_zone(struct config *config, const char *value,
                           struct option_error *error)
{
	char path[sizeof ZONES + CONFIG_NAME];
	const struct text name = text_from(value);
	if (!is_zone_name(name) ||
	    !text_copy(config->time_zone, sizeof config->time_zone, name))
		return option_refuse(error, "'%s' is no name of a time zone", value);
	memcpy(path, ZONES, sizeof ZONES - 1);
	memcpy(path + sizeof ZONES - 1, config->time_zone, sizeof config->time_zone);
	/* Without the database nothing can be said against the name. */
	struct stat zone;
	if (!config->zone_unread && access(ZONES, F_OK) == 0 &&
	    (stat(path, &zone) != 0 || !S_ISREG(zone.st_mode)))
		return option_refuse(error, "there is no time zone '%s'", value);
	return true;
}

void config_set_local_time(struct config *config)
{
	if (config->time_zone[0] == '\0' || config->zone_unread)
		return;
	local_time_of_zone(config->time_zone, &config->local_time);
	config->settings.local_time = &config->local_time;
}

void config_show_time_zone(const struct config *config, struct buffer *out)
{
	buffer_add_string(out, config->time_zone);
}

/* --- lists ---------------------------------------------------------------------------- */

/* [a, b]; nothing of an empty one.  `at` gives the place of each. */
static void show_strings(const char *first, size_t each, size_t count, struct buffer *out)
{
	for (size_t i = 0; i < count; i++)
		buffer_format(out, "%s%s", i ? ", " : "[", first + i * each);
	buffer_add_string(out, count ? "]" : "");
}

void config_begin_ports(struct config *config)
{
	memset(config->settings.sip_ports, 0, sizeof config->settings.sip_ports);
}

bool config_take_ports(struct config *config, const char *value, struct option_error *error)
{
	uint16_t *ports = config->settings.sip_ports;
	uint64_t port;
	if (text_number(text_from(value), UINT16_MAX, &port) != OK || port == 0)
		return option_refuse(error, "'%s' is no port of 1 to 65535", value);
	for (size_t i = 0; i < LIMIT_SIP_PORTS; i++) {
		if (ports[i] == port)
			return option_refuse(error, "%s stands there twice", value);
		if (ports[i])
			continue;
		ports[i] = (uint16_t)port;
		return true;
	}
	return option_refuse(error, "at most %d of them", LIMIT_SIP_PORTS);
}

void config_show_ports(const struct config *config, struct buffer *out)
{
	const uint16_t *ports = config->settings.sip_ports;
	for (size_t i = 0; i < LIMIT_SIP_PORTS && ports[i]; i++)
		buffer_format(out, "%s%u", i ? ", " : "[", ports[i]);
	buffer_add_string(out, ports[0] ? "]" : "");
}

/* What it is where nothing is said is the first place. */
void config_begin_web_listen(struct config *config)
{
	static const uint8_t loopback[4] = { 127, 0, 0, 1 };
	config->web.listen[0] = (struct endpoint){ address_ipv4(loopback), 8080 };
	config->web.listen_count = 0;
}

bool config_take_web_listen(struct config *config, const char *value,
                            struct option_error *error)
{
	if (config->web.listen_count == SERVER_LISTEN_MAX)
		return option_refuse(error, "at most %d of them", SERVER_LISTEN_MAX);
	if (endpoint_parse(text_from(value),
	                   &config->web.listen[config->web.listen_count]) != OK)
		return option_refuse(error, "'%s' is no address and port", value);
	config->web.listen_count++;
	return true;
}

void config_show_web_listen(const struct config *config, struct buffer *out)
{
	char text[ENDPOINT_TEXT_SIZE];
	for (size_t i = 0; i < config->web.listen_count; i++)
		buffer_format(out, "%s\"%s\"", i ? ", " : "[",
		              endpoint_format(&config->web.listen[i], text));
	buffer_add_string(out, config->web.listen_count ? "]" : "");
}

void config_begin_correlation_headers(struct config *config)
{
	config->settings.correlation_header_count = 0;
}

/* RFC 3261 25.1: a header's name is a token. */
static bool is_token(struct text text)
{
	static const char others[] = "-.!%*_+`'~";
	for (size_t i = 0; i < text.len; i++) {
		const char c = ascii_lower(text.at[i]);
		if ((c < 'a' || c > 'z') && !ascii_is_digit(c) &&
		    (!c || !strchr(others, c)))
			return false;
	}
	return text.len > 0;
}

bool config_take_correlation_headers(struct config *config, const char *value,
                                     struct option_error *error)
{
	struct settings *settings = &config->settings;
	const struct text name = text_from(value);
	if (settings->correlation_header_count == LIMIT_CORRELATION_HEADERS)
		return option_refuse(error, "at most %d of them",
		                     LIMIT_CORRELATION_HEADERS);
	char *to = settings->correlation_headers[settings->correlation_header_count];
	if (!is_token(name) || !text_copy(to, HEADER_NAME, name))
		return option_refuse(error, "'%s' is no name of a header", value);
	settings->correlation_header_count++;
	return true;
}

void config_show_correlation_headers(const struct config *config, struct buffer *out)
{
	show_strings(config->settings.correlation_headers[0], HEADER_NAME,
	             config->settings.correlation_header_count, out);
}

/* --- media ---------------------------------------------------------------------------- */

bool config_take_jitter_buffers(struct config *config, const char *value,
                                struct option_error *error)
{
	return quality_set_buffers(&config->settings, value, error);
}

void config_show_jitter_buffers(const struct config *config, struct buffer *out)
{
	const struct playout_sizes *p = &config->settings.playout;
	buffer_format(out, "\"%g,%g,%g-%g\"", p->fixed_ms[0], p->fixed_ms[1], p->least_ms,
	              p->most_ms);
}

void config_begin_codecs(struct config *config)
{
	config->settings.override_count = 0;
}

bool config_take_codecs(struct config *config, const char *value,
                        struct option_error *error)
{
	return quality_set_codec(&config->settings, value, error);
}

void config_begin_rtp_map(struct config *config)
{
	memset(config->settings.rtp_map, 0, sizeof config->settings.rtp_map);
}

bool config_take_rtp_map(struct config *config, const char *value,
                         struct option_error *error)
{
	return rtp_map_add(config->settings.rtp_map, value, error);
}

/* --- numbers -------------------------------------------------------------------------- */

/* Digits, a plus before them left out; of what is dialled, * and #, too. */
static bool take_digits(char to[NUMBER_DIGITS], const char *value, const char *others)
{
	struct text digits = text_from(value);
	if (digits.len && digits.at[0] == '+')
		digits = text_skip(digits, 1);
	for (size_t i = 0; i < digits.len; i++)
		if (!ascii_is_digit(digits.at[i]) && !strchr(others, digits.at[i]))
			return false;
	return digits.len > 0 && text_copy(to, NUMBER_DIGITS, digits);
}

void config_begin_emergency(struct config *config)
{
	config->numbers.emergency_count = 0;
}

bool config_take_emergency(struct config *config, const char *value,
                           struct option_error *error)
{
	struct number_plan *numbers = &config->numbers;
	if (numbers->emergency_count == LIMIT_SHORT_NUMBERS)
		return option_refuse(error, "at most %d of them", LIMIT_SHORT_NUMBERS);
	if (!take_digits(numbers->emergency[numbers->emergency_count], value, "*#"))
		return option_refuse(error, "'%s' is no number of at most %d digits", value,
		                     NUMBER_DIGITS - 1);
	numbers->emergency_count++;
	return true;
}

void config_show_emergency(const struct config *config, struct buffer *out)
{
	const struct number_plan *numbers = &config->numbers;
	for (size_t i = 0; i < numbers->emergency_count; i++)
		buffer_format(out, "%s\"%s\"", i ? ", " : "[", numbers->emergency[i]);
	buffer_add_string(out, numbers->emergency_count ? "]" : "");
}

void config_begin_premium(struct config *config)
{
	config->numbers.premium_count = 0;
}

bool config_take_premium(struct config *config, const char *value,
                         struct option_error *error)
{
	struct number_plan *numbers = &config->numbers;
	if (numbers->premium_count == LIMIT_NUMBER_PREFIXES)
		return option_refuse(error, "at most %d of them", LIMIT_NUMBER_PREFIXES);
	if (!take_digits(numbers->premium[numbers->premium_count], value, ""))
		return option_refuse(error, "'%s' is no beginning of a number", value);
	numbers->premium_count++;
	return true;
}

void config_begin_prefix(struct config *config)
{
	memset(&config->draft.prefix, 0, sizeof config->draft.prefix);
}

bool config_end_prefix(struct config *config, struct option_error *error)
{
	struct number_plan *numbers = &config->numbers;
	const struct number_prefix *prefix = &config->draft.prefix;
	if (!prefix->digits[0] || !prefix->label[0])
		return option_refuse(error, "needs a prefix and a label");
	for (size_t i = 0; i < numbers->prefix_count; i++)
		if (strcmp(numbers->prefixes[i].digits, prefix->digits) == 0)
			return option_refuse(error, "'+%s' has a label already",
			                     prefix->digits);
	if (numbers->prefix_count == LIMIT_NUMBER_PREFIXES)
		return option_refuse(error, "at most %d of them", LIMIT_NUMBER_PREFIXES);
	numbers->prefixes[numbers->prefix_count++] = *prefix;
	return true;
}
