/* config_receivers.c - who is told of alerts, entry by entry. */
#include <string.h>

#include "probe/config_values.h"

enum { FACILITY_DAEMON = 3 };

void config_begin_receiver(struct config *config)
{
	config->draft.receiver = (struct receiver){ .least = SEVERITY_WARNING,
		                                    .facility = FACILITY_DAEMON,
		                                    .limit_per_minute = 60,
		                                    .give_up = 86400 * NS_PER_SEC,
		                                    .resend = 60 * NS_PER_SEC };
}

static const char *address_of(const struct receiver *receiver)
{
	if (receiver->transport == RECEIVER_LOCAL)
		return "the path of a socket";
	if (notify_is_http(receiver))
		return "a URL, such as https://hooks.example.net/earshot";
	return "HOST:PORT, such as 192.0.2.9:514, [2001:db8::9]:514 or "
	       "logs.example.net:6514";
}

bool config_end_receiver(struct config *config, struct option_error *error)
{
	struct receiver *receiver = &config->draft.receiver;
	struct notify_settings *notify = &config->notify;
	if (!receiver->name[0] || !receiver->transport || !receiver->address[0])
		return option_refuse(error, "needs a name, a transport and an address");
	if (!notify_find_place(receiver))
		return option_refuse(error, "'%s' is no address for %s: %s",
		                     receiver->address,
		                     receiver_transport_names[receiver->transport],
		                     address_of(receiver));
	if (!receiver->certificate[0] != !receiver->key[0])
		return option_refuse(error, "a certificate and its key go together");
	if (!notify_has_tls(receiver) &&
	    (receiver->ca[0] || receiver->certificate[0] || receiver->server_name[0]))
		return option_refuse(
		        error, "ca, certificate, key and server_name are of tls and https");
	if (!notify_is_http(receiver) &&
	    (receiver->secret[0] || receiver->authorization[0]))
		return option_refuse(
		        error, "secret and authorization are of webhook and alertmanager");
	if (receiver->records && notify_is_http(receiver))
		return option_refuse(error, "records are of syslog");
	for (size_t i = 0; i < notify->count; i++)
		if (strcmp(notify->receivers[i].name, receiver->name) == 0)
			return option_refuse(error, "there is a receiver '%s' already",
			                     receiver->name);
	if (notify->count == RECEIVERS)
		return option_refuse(error, "at most %d receivers", RECEIVERS);
	notify->receivers[notify->count++] = *receiver;
	return true;
}
