#include "probe/frame_filter.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

enum { SNAPLEN = 262144, LINK_TYPES = 8, LINKTYPE_RAW = 101 };

struct frame_filter {
	char *expression;
	size_t count;
	struct {
		uint16_t link_type;
		bool usable;
		struct bpf_program program;
	} compiled[LINK_TYPES];
};

/* File formats and libpcap name a few link types differently. */
static int dlt_of(uint16_t link_type)
{
	return link_type == LINKTYPE_RAW ? DLT_RAW : link_type;
}

static bool compile(const char *expression, uint16_t link_type, struct bpf_program *program,
                    char *error, size_t error_size)
{
	pcap_t *handle = pcap_open_dead(dlt_of(link_type), SNAPLEN);
	if (!handle)
		return false;
	const bool ok =
	        pcap_compile(handle, program, expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!ok && error)
		text_copy(error, error_size, text_from(pcap_geterr(handle)));
	pcap_close(handle);
	return ok;
}

enum status frame_filter_new(const char *expression, struct frame_filter **out, char *error,
                             size_t error_size)
{
	struct bpf_program program;
	if (!compile(expression, DLT_EN10MB, &program, error, error_size))
		return ERR_MALFORMED;
	pcap_freecode(&program);
	struct frame_filter *filter = calloc(1, sizeof *filter);
	if (!filter)
		return ERR_NOMEM;
	filter->expression = strdup(expression);
	if (!filter->expression) {
		free(filter);
		return ERR_NOMEM;
	}
	*out = filter;
	return OK;
}

static const struct bpf_program *program_for(struct frame_filter *filter,
                                             uint16_t link_type)
{
	size_t i = 0;
	while (i < filter->count && filter->compiled[i].link_type != link_type)
		i++;
	if (i == LINK_TYPES)
		return NULL;
	if (i == filter->count) {
		filter->compiled[i].link_type = link_type;
		filter->compiled[i].usable = compile(filter->expression, link_type,
		                                     &filter->compiled[i].program, NULL, 0);
		filter->count++;
	}
	return filter->compiled[i].usable ? &filter->compiled[i].program : NULL;
}

bool frame_filter_matches(struct frame_filter *filter, const struct frame *frame)
{
	const struct bpf_program *program = program_for(filter, frame->link_type);
	const struct pcap_pkthdr header = {
		.caplen = (bpf_u_int32)frame->bytes.len,
		.len = frame->length,
	};
	return program && pcap_offline_filter(program, &header, frame->bytes.at) != 0;
}

void frame_filter_free(struct frame_filter *filter)
{
	if (!filter)
		return;
	for (size_t i = 0; i < filter->count; i++)
		if (filter->compiled[i].usable)
			pcap_freecode(&filter->compiled[i].program);
	free(filter->expression);
	free(filter);
}
