/* What findings, their standing and their places are called. */
#include "findings_parts.h"

#include "../harness/base/buf.h"
#include "../harness/base/text.h"

#include <string.h>

const char *finding_standing_name(enum finding_standing s)
{
    static const char *const names[] = {"worse", "better", "settled", "pending", "doubtful"};

    return names[s];
}

const char *finding_state_name(enum finding_state s)
{
    static const char *const names[] = {"open", "accepted", "ignored", "noted"};

    return names[s];
}

const char *finding_word(const struct findings *f, const struct finding *one)
{
    const struct finding_series *lead = &one->series[0];
    const struct findings_series *s = findings_series_of(f, lead->point, lead->metric);

    if (lead->change.kind == CHANGE_SPREAD)
        return lead->change.after > lead->change.before ? "noisier" : "calmer";
    if (lead->change.kind == CHANGE_MODES)
        return "two groups";
    if (!s || s->better == BETTER_NEITHER)
        return "changed";
    if (text_glob(METRICS_GATING, lead->metric))
        return one->worse ? "slower" : "faster";
    return one->worse ? "worse" : "better";
}

static void add_run(struct buf *b, const struct series_run *run)
{
    const char *local = run->dirty ? " with local changes" : "";
    char words[40];

    buf_add(b, text_run(run->commit, local, run->id, words, sizeof words));
}

/* Commits on the way that have no run, because they could not be measured. */
static size_t unmeasured(const struct findings *f, const struct finding *one)
{
    size_t count = 0;

    for (size_t i = one->before + 1; i < one->last; i++)
        count += f->home.runs[i].id == 0;
    return count;
}

static void add_count(struct buf *b, const struct findings *f, const struct finding *one)
{
    size_t blind = unmeasured(f, one);

    if (one->commits)
        buf_addf(b, " (%zu commits", one->commits);
    if (blind)
        buf_addf(b, "%s%zu%s could not be measured", one->commits ? ", " : " (", blind,
                 one->commits ? " of them"
                 : blind == 1 ? " commit between them"
                              : " commits between them");
    if (one->commits || blind)
        buf_add(b, ")");
}

char *finding_place_words(const struct findings *f, const struct finding *one)
{
    const struct series_run *before = &f->home.runs[one->before], *now = &f->home.runs[one->last];
    struct buf b = {0};

    if (one->commits == 1 || (now->commit[0] && !strcmp(before->commit, now->commit))) {
        buf_add(&b, "commit ");
        add_run(&b, now);
        buf_addf(&b, "%s", one->commits == 1 ? "" : " when measured again");
    } else if (!now->commit[0] && one->before + 1 == one->last) {
        add_run(&b, now);
    } else {
        buf_addf(&b, "%s ", one->kind == CHANGE_CREEP ? "from" : "between");
        add_run(&b, before);
        buf_addf(&b, " %s ", one->kind == CHANGE_CREEP ? "to" : "and");
        add_run(&b, now);
        add_count(&b, f, one);
    }
    if (one->blur)
        buf_addf(&b, ", give or take %zu run%s", one->blur, one->blur == 1 ? "" : "s");
    return buf_take(&b);
}
