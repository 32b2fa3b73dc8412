/*
 * The gate's answer as annotations for GitHub: lines ::error, ::warning and ::notice, which its runner shows beside a job and, where a
 * file is named, in the change itself. It shows ten of a kind and step, so the worst ten are written so; the rest are plain lines of
 * the log.
 */
#include "gate_model.h"

#include "base/file.h"
#include "registry.h"

#include <string.h>

#define MOST 10 /* of a kind, that the runner shows */

enum kind { ERROR, WARNING, NOTICE, KINDS };

struct annotations {
    struct buf *out;
    size_t written[KINDS], most[KINDS];
};

/* Data escapes %, CR and LF, properties : and , as well. */
static void add_escaped(struct buf *out, const char *text, bool property)
{
    for (; text && *text; text++) {
        if (strchr("%\r\n", *text) || (property && strchr(":,", *text)))
            buf_addf(out, "%%%02X", (unsigned)(unsigned char)*text);
        else
            buf_add_n(out, text, 1);
    }
}

/* A line of the log that is no command, whatever it holds: an older form of commands may stand anywhere in a line. */
static void add_plain(struct buf *out, const char *text)
{
    for (; text && *text; text++)
        buf_add(out, !strncmp(text, "##[", 3) ? "# " : (char[]){strchr("\r\n", *text) ? ' ' : *text, 0});
}

/* Where the variant is written, if this is the top of the repository that it is in; or NULL. */
static const char *file_of(const struct gate_finding *f)
{
    const struct registry_variant *v = f && file_exists(".git") ? registry_variant(f->kernel, f->variant) : NULL;

    return v && v->file && *v->file != '/' && file_exists(v->file) ? v->file : NULL;
}

static void annotate(struct annotations *a, enum kind kind, const struct gate_finding *f, const char *title,
                     const char *message)
{
    static const char *const names[] = {[ERROR] = "error", [WARNING] = "warning", [NOTICE] = "notice"};
    const char *file = file_of(f);

    if (a->written[kind] >= a->most[kind]) {
        buf_addf(a->out, "also %s: ", names[kind]);
        add_plain(a->out, title);
        buf_add(a->out, ": ");
        add_plain(a->out, message);
        buf_add(a->out, "\n");
        return;
    }
    a->written[kind]++;
    buf_addf(a->out, "::%s ", names[kind]);
    if (file) {
        buf_add(a->out, "file=");
        add_escaped(a->out, file, true);
        buf_add(a->out, ",");
    }
    buf_add(a->out, "title=");
    add_escaped(a->out, title, true);
    buf_add(a->out, "::");
    add_escaped(a->out, message, false);
    buf_add(a->out, "\n");
}

/* What the ledger excuses fails nothing. */
static enum kind kind_of(const struct gate_finding *f)
{
    if (f->excused || f->verdict == COMPARE_FASTER)
        return NOTICE;
    return f->verdict == COMPARE_AMBIGUOUS ? WARNING : ERROR;
}

static void add_finding(struct annotations *a, const struct gate_finding *f)
{
    struct buf title = {0}, message = {0};

    buf_addf(&title, "countermark: %s/%s %s", f->kernel, f->variant, gate_finding_word(f));
    buf_add(&message, f->summary);
    if (f->ledger)
        buf_addf(&message, "; %s", f->ledger);
    if (f->reason)
        buf_addf(&message, "; %s", f->reason);
    buf_addf(&message, "; again: %s", f->rerun);
    annotate(a, kind_of(f), f, buf_text(&title), buf_text(&message));
    buf_free(&title);
    buf_free(&message);
}

void gate_write_github(const struct gate *g, struct buf *out)
{
    /* One notice is kept for what the gate sees, and one warning for what the ledger says. */
    struct annotations a = {out, {0}, {MOST, MOST - (g->ledger_note_count > 0), MOST - (g->sight != NULL)}};
    struct buf notes = {0};

    for (size_t i = 0; i < g->finding_count; i++)
        add_finding(&a, &g->findings[i]);
    for (size_t i = 0; i < g->ledger_note_count; i++)
        buf_addf(&notes, "%s%s", i ? "\n" : "", g->ledger_notes[i]);
    for (int kind = 0; kind < KINDS; kind++)
        a.most[kind] = MOST;
    if (notes.length)
        annotate(&a, WARNING, NULL, "countermark: ledger", buf_text(&notes));
    if (g->sight)
        annotate(&a, NOTICE, NULL, "countermark: what this gate sees", g->sight);
    add_plain(out, g->story);
    buf_add(out, "\n");
    buf_free(&notes);
}
