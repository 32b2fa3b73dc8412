/* Writes the ledger's text file: the YAML library quotes what needs it, whatever people wrote. See ledger_file.h. */
#include "ledger_file.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

static const char head[] = "# What people decided about findings of countermark: accepted, ignored, noted. "
                           "`countermark ledger export` writes this\n"
                           "# file, `countermark check` reads it where .countermark.yaml names it (ledger: FILE). Take "
                           "a decision out and it ends.\n";

static int write_bytes(void *user, unsigned char *bytes, size_t size)
{
    buf_add_n(user, (const char *)bytes, size);
    return 1;
}

/* The emitter owns the event, also where it fails; memory that is out ends the program anyway. */
static void emit(yaml_emitter_t *y, yaml_event_t *event)
{
    yaml_emitter_emit(y, event);
}

static void word(yaml_emitter_t *y, const char *text)
{
    yaml_event_t event;

    if (yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), 1, 1,
                                     YAML_ANY_SCALAR_STYLE))
        emit(y, &event);
}

static void field(yaml_emitter_t *y, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    word(y, name);
    word(y, value);
}

static void decision(yaml_emitter_t *y, const struct ledger_text *t)
{
    yaml_event_t event;
    char created[32] = "";

    if (t->created)
        clock_iso8601(t->created, created);
    yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE);
    emit(y, &event);
    field(y, "kind", t->kind);
    field(y, "points", t->points);
    field(y, "metrics", t->metrics);
    field(y, "commit", t->commit);
    field(y, "run", t->run);
    field(y, "reason", t->reason);
    field(y, "until", t->until);
    field(y, "created", created);
    yaml_mapping_end_event_initialize(&event);
    emit(y, &event);
}

static void start(yaml_emitter_t *y)
{
    yaml_event_t event;

    yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
    emit(y, &event);
    yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1);
    emit(y, &event);
    yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE);
    emit(y, &event);
    word(y, "version");
    word(y, "1");
    word(y, "decisions");
    yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE);
    emit(y, &event);
}

static void end(yaml_emitter_t *y)
{
    yaml_event_t event;

    yaml_sequence_end_event_initialize(&event);
    emit(y, &event);
    yaml_mapping_end_event_initialize(&event);
    emit(y, &event);
    yaml_document_end_event_initialize(&event, 1);
    emit(y, &event);
    yaml_stream_end_event_initialize(&event);
    emit(y, &event);
}

void ledger_write_yaml(const struct ledger_texts *list, struct buf *out)
{
    yaml_emitter_t y;

    buf_add(out, head);
    if (!yaml_emitter_initialize(&y))
        return;
    yaml_emitter_set_output(&y, write_bytes, out);
    yaml_emitter_set_unicode(&y, 1);
    yaml_emitter_set_width(&y, 120);
    start(&y);
    for (size_t i = 0; i < list->count; i++)
        decision(&y, &list->items[i]);
    end(&y);
    yaml_emitter_delete(&y);
}
