/* What is another around the program than in an earlier run: the facts of its environment, and what built it. */
#include "gate_model.h"

#include "base/mem.h"
#include "host.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 4 };

/* These tell the most, so they come first. */
static const char *const first_names[] = {"compiler", "kernel.release", "microcode", "governor", "gpu.driver", NULL};

struct changes {
    struct buf text;
    size_t count;
};

static void add(struct changes *c, const char *name, const char *before, const char *now)
{
    before = before && *before ? before : "(none)";
    now = now && *now ? now : "(none)";
    if (!strcmp(before, now))
        return;
    c->count++;
    if (c->count <= SHOWN)
        buf_addf(&c->text, "%s%s %s -> %s", c->count > 1 ? ", " : "", name, before, now);
    else if (c->count == SHOWN + 1)
        buf_add(&c->text, " and more");
}

static bool is_first(const char *name)
{
    for (const char *const *first = first_names; *first; first++)
        if (!strcmp(name, *first))
            return true;
    return false;
}

char *gate_changed_words(const struct gate_side *before, const struct gate_side *now, bool built)
{
    struct changes c = {0};

    if (built) {
        add(&c, "compiler", before->compiler, now->compiler);
        add(&c, "compiler.flags", before->flags, now->flags);
        add(&c, "cuda.toolkit", before->toolkit, now->toolkit);
    }
    for (const char *const *name = first_names; *name; name++)
        add(&c, *name, host_fact(before->environment, *name), host_fact(now->environment, *name));
    for (const struct fact *f = before->environment; f && f->name; f++)
        if (!is_first(f->name))
            add(&c, f->name, f->value, host_fact(now->environment, f->name));
    for (const struct fact *f = now->environment; f && f->name; f++)
        if (!is_first(f->name) && !host_fact(before->environment, f->name))
            add(&c, f->name, NULL, f->value);
    return c.text.length ? buf_take(&c.text) : NULL;
}

char *gate_environment_words(const struct gate_side *before, const struct gate_side *now)
{
    return gate_changed_words(before, now, false);
}

const char *gate_environment_line(const struct gate_finding *f)
{
    return f->environment && f->reason && strstr(f->reason, f->environment) ? NULL : f->environment;
}
