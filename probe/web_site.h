/*
 * web_site.h - what the program gives to web/: its version, and the answers that take the
 * E-model.
 */
#ifndef EARSHOT_PROBE_WEB_SITE_H
#define EARSHOT_PROBE_WEB_SITE_H

#include "web/site.h"

/* All of *site but where its answers come from. */
void web_site_init(struct site *site);

#endif
