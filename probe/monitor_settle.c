/* monitor_settle.c - what the monitor listens to: of the command line, else of the
 * configuration. */
#include <string.h>
#include <sys/stat.h>

#include "probe/monitor.h"

static const char *unless_empty(const char *text)
{
	return text[0] ? text : NULL;
}

static int either(int asked, unsigned int configured)
{
	return asked ? asked : (int)configured;
}

void monitor_settle(struct monitor_options *options, const struct monitor_options *asked,
                    struct config *config)
{
	struct monitor_options *o = options;
	const struct capture_config *capture = &config->capture;
	const bool any = asked->interface_count || asked->watch || asked->hep ||
	                 asked->pcap_listen || asked->read;
	o->asked = asked;
	o->config = config;
	o->interface_count = 0;
	for (size_t i = 0; i < asked->interface_count; i++)
		o->interfaces[o->interface_count++] = asked->interfaces[i];
	for (size_t i = 0; !any && i < capture->interface_count; i++)
		o->interfaces[o->interface_count++] = capture->interfaces[i].name;
	o->watch = any ? asked->watch : unless_empty(capture->watch);
	o->hep = asked->hep || o->watch ? asked->hep : unless_empty(capture->hep_listen);
	o->pcap_listen = asked->pcap_listen || o->watch ? asked->pcap_listen
	                                                : unless_empty(capture->listen);
	o->bpf = asked->bpf ? asked->bpf : unless_empty(capture->bpf);
	o->snaplen = either(asked->snaplen, capture->snaplen);
	o->buffer_mib = either(asked->buffer_mib, capture->buffer_mib);
	o->workers = either(asked->workers, capture->workers);
	o->promiscuous = asked->promiscuous && capture->promiscuous;
	o->adapter_stamps = capture->stamps == STAMPS_ADAPTER;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool monitor_handles_differ(const struct monitor_options *a,
                            const struct monitor_options *b)
{
	return !same_text(a->bpf, b->bpf) || a->snaplen != b->snaplen ||
	       a->buffer_mib != b->buffer_mib || a->workers != b->workers ||
	       a->promiscuous != b->promiscuous || a->adapter_stamps != b->adapter_stamps;
}

const char *monitor_lacks(const struct monitor_options *options)
{
	struct stat about;
	const bool others = options->interface_count || options->hep ||
	                    options->pcap_listen || options->read;
	if (!others && !options->watch)
		return "no interface was given";
	if (others && options->watch)
		return "captures of the past and what comes now do not go together";
	if (options->watch && (stat(options->watch, &about) || !S_ISDIR(about.st_mode)))
		return "what is to be watched is no folder";
	return NULL;
}
