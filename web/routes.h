/* routes.h - which paths there are, and who answers them. */
#ifndef EARSHOT_WEB_ROUTES_H
#define EARSHOT_WEB_ROUTES_H

#include "web/response.h"
#include "web/site.h"

/* Answers a request whose target was read; never fails, *response tells of problems too. */
void routes_answer(struct site *site, const struct request *request, uint64_t number,
                   struct response *response);

#endif
