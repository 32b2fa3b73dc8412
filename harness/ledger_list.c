/*
 * The list of decisions. JSON, one document: {"version": 1, "decisions": [{"id", "kind", "points", "metrics", "run", "commit", "reason",
 * "until", "created", "expired", "from_file"}]}; what is not set is null.
 */
#include "ledger_list.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ledger_file.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void add_head(const struct ledger_entry *entry, struct buf *out)
{
    char created[32];

    clock_iso8601(entry->created, created);
    buf_addf(out, "%-4" PRId64 " %.10s  %-6s  %s", entry->id, created, entry->kind, entry->points);
    if (strcmp(entry->metrics, "*") != 0)
        buf_addf(out, "  metrics %s", entry->metrics);
    if (entry->run)
        buf_addf(out, "  run %" PRId64, entry->run);
    if (*entry->commit)
        buf_addf(out, "  commit %.7s", entry->commit);
    if (entry->until)
        buf_addf(out, "  %s %s", entry->expired ? "ended" : "until", entry->until);
    buf_add(out, entry->from_file ? "  (ledger file)\n" : "\n");
}

void ledger_list_text(const struct ledger *l, bool all, struct buf *out)
{
    size_t automatic = 0, shown = 0;

    for (size_t i = l->count; i-- > 0;) {
        const struct ledger_entry *entry = &l->items[i];
        char *reason;

        if (ledger_is_automatic(entry) && !all) {
            automatic++;
            continue;
        }
        add_head(entry, out);
        reason = mem_copy(entry->reason);
        text_disarm(reason, false);
        buf_addf(out, "     %s\n", reason);
        free(reason);
        shown++;
    }
    if (!shown)
        buf_add(out, "nobody decided anything yet; see: countermark help accept\n");
    if (automatic)
        buf_addf(out, "%zu first baseline%s, which check stored by itself, %s not shown (--all)\n", automatic,
                 automatic == 1 ? "" : "s", automatic == 1 ? "is" : "are");
}

static json_t *text_or_null(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

void ledger_list_json(const struct ledger *l, bool all, struct buf *out)
{
    json_t *list = json_array(), *root;
    char *dumped, created[32];

    for (size_t i = l->count; i-- > 0;) {
        const struct ledger_entry *entry = &l->items[i];

        if (ledger_is_automatic(entry) && !all)
            continue;
        clock_iso8601(entry->created, created);
        json_array_append_new(
            list, json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:s, s:b, s:b}", "id", (json_int_t)entry->id,
                            "kind", entry->kind, "points", entry->points, "metrics", entry->metrics, "run",
                            entry->run ? json_integer((json_int_t)entry->run) : json_null(), "commit",
                            text_or_null(entry->commit), "reason", entry->reason, "until", text_or_null(entry->until),
                            "created", created, "expired", entry->expired, "from_file", entry->from_file));
    }
    root = json_pack("{s:i, s:o}", "version", 1, "decisions", list);
    dumped = json_dumps(root, JSON_INDENT(1));
    buf_addf(out, "%s\n", dumped ? dumped : "null");
    free(dumped);
    json_decref(root);
}
