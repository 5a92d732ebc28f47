/*
 * config_capture.h - the sections of the configuration that say where packets come from.
 */
#ifndef EARSHOT_PROBE_CONFIG_CAPTURE_H
#define EARSHOT_PROBE_CONFIG_CAPTURE_H

#include "probe/source_hep.h"

enum { CAPTURE_NAME = 32, CAPTURE_LABEL = 64, CAPTURE_PATH = 256, CAPTURE_FILTER = 1024 };

struct capture_interface {
	char name[CAPTURE_NAME];
	char label[CAPTURE_LABEL]; /* what people call it; empty: its name */
	char point[CAPTURE_LABEL]; /* where it listens; empty: as sensor.point says */
};

/* Whose clock stamps packets. */
enum capture_stamps { STAMPS_HOST, STAMPS_ADAPTER, STAMPS_COUNT };
extern const char *const capture_stamp_names[STAMPS_COUNT];

struct capture_config {
	struct capture_interface interfaces[LIVE_INTERFACES];
	size_t interface_count;
	struct capture_interface draft;
	char bpf[CAPTURE_FILTER]; /* empty: every frame */
	unsigned int snaplen, buffer_mib, workers;
	bool promiscuous;
	enum capture_stamps stamps;
	char listen[CAPTURE_LABEL]; /* for captures that are sent on; empty: nowhere */
	nstime silent;    /* an interface without packets for so long is told; 0: none is */
	nstime one_sided; /* likewise, one direction only */
	char hep_listen[CAPTURE_LABEL];
	char watch[CAPTURE_PATH]; /* folder; empty: none */
};

struct capture_config capture_config_default(void);

#endif
