#include "analyzer/model/packet.h"

const char *const transport_names[TRANSPORT_COUNT] = {
	[TRANSPORT_UDP] = "udp",   [TRANSPORT_TCP] = "tcp", [TRANSPORT_WS] = "ws",
	[TRANSPORT_TLS] = "tls",   [TRANSPORT_WSS] = "wss", [TRANSPORT_SCTP] = "sctp",
	[TRANSPORT_ICMP] = "icmp",
};
