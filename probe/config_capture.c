/* config_capture.c - where packets come from: the values that need a look. */
#include "probe/config_capture.h"

#include <string.h>

#include "probe/config_values.h"
#include "probe/monitor_listen.h"
#include "probe/points.h"

const char *const capture_stamp_names[STAMPS_COUNT] = {
	[STAMPS_HOST] = "host",
	[STAMPS_ADAPTER] = "adapter",
};

struct capture_config capture_config_default(void)
{
	return (struct capture_config){
		.snaplen = 65535,
		.buffer_mib = 64,
		.workers = 1,
		.promiscuous = true,
		.silent = 60 * NS_PER_SEC,
		.one_sided = 300 * NS_PER_SEC,
	};
}

void config_begin_interface(struct config *config)
{
	config->capture.draft = (struct capture_interface){ 0 };
}

bool config_end_interface(struct config *config, struct option_error *error)
{
	struct capture_config *capture = &config->capture;
	if (!capture->draft.name[0])
		return option_refuse(error, "needs a name");
	for (size_t i = 0; i < capture->interface_count; i++)
		if (strcmp(capture->interfaces[i].name, capture->draft.name) == 0)
			return option_refuse(error, "%s stands there twice",
			                     capture->draft.name);
	if (capture->interface_count == LIVE_INTERFACES)
		return option_refuse(error, "at most %d of them", LIVE_INTERFACES);
	capture->interfaces[capture->interface_count++] = capture->draft;
	return true;
}

bool config_enter_points(struct config *config, struct option_error *error)
{
	const struct capture_config *capture = &config->capture;
	size_t count = 0;
	for (size_t i = 0; i < capture->interface_count; i++) {
		const struct capture_interface *interface = &capture->interfaces[i];
		if (!interface->point[0])
			continue;
		const uint8_t point =
		        points_enter(&config->settings, text_from(interface->point));
		if (!point)
			return option_refuse(error,
			                     "the point '%s' is longer than %d characters, "
			                     "or there are more than %d",
			                     interface->point, POINT_NAME - 1,
			                     LIMIT_POINTS);
		config->point_list[count++] =
		        (struct interface_point){ interface->name, point };
	}
	config->points = (struct interface_points){ config->point_list, count };
	return true;
}

uint8_t config_point_of(const struct config *config, const char *interface)
{
	for (size_t i = 0; i < config->points.count; i++)
		if (strcmp(config->point_list[i].name, interface) == 0)
			return config->point_list[i].point;
	return 0;
}

static bool take_address(char *to, size_t size, const char *value,
                         struct option_error *error)
{
	if (listening_is_address(value) && text_copy(to, size, text_from(value)))
		return true;
	return option_refuse(
	        error, "'%s' is not ADDRESS:PORT, such as 127.0.0.1:9060 or [::]:9060",
	        value);
}

bool config_take_capture_listen(struct config *config, const char *value,
                                struct option_error *error)
{
	return take_address(config->capture.listen, sizeof config->capture.listen, value,
	                    error);
}

bool config_take_hep_listen(struct config *config, const char *value,
                            struct option_error *error)
{
	return take_address(config->capture.hep_listen, sizeof config->capture.hep_listen,
	                    value, error);
}

void config_begin_hep_allow(struct config *config)
{
	config->hep.net_count = 0;
}

bool config_take_hep_allow(struct config *config, const char *value,
                           struct option_error *error)
{
	struct hep_access *hep = &config->hep;
	if (hep->net_count == HEP_NETS)
		return option_refuse(error, "at most %d of them", HEP_NETS);
	if (trunk_net_parse(text_from(value), &hep->nets[hep->net_count]) != OK)
		return option_refuse(
		        error,
		        "'%s' is not ADDRESS or ADDRESS/BITS, such as 198.51.100.0/24",
		        value);
	hep->net_count++;
	return true;
}
