/* openapi.h - openapi.yaml, as built into the program (web/embed.sh). */
#ifndef EARSHOT_WEB_OPENAPI_H
#define EARSHOT_WEB_OPENAPI_H

#include <stddef.h>

extern const unsigned char openapi_yaml[];
extern const size_t openapi_yaml_size;

#endif
