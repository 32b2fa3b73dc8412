/* The ledger for people and programs. */
#ifndef HARNESS_LEDGER_LIST_H
#define HARNESS_LEDGER_LIST_H

#include "../db/ledger.h"
#include "base/buf.h"

/* Newest first; `all`: what check accepted by itself, too. */
void ledger_list_text(const struct ledger *l, bool all, struct buf *out);
void ledger_list_json(const struct ledger *l, bool all, struct buf *out);

#endif
