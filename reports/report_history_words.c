/* Words of the history pages: runs, changes, states, and the names of files. */
#include "report_history.h"

#include "../harness/base/clock.h"
#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "(3.9 to 4.3)" behind a change in percent, with its digits. */
static void add_interval(struct buf *b, const struct change *c)
{
    double low = 100 * (c->low - 1), high = 100 * (c->high - 1);
    int digits = fabs(100 * (c->ratio - 1)) < 1 ? 2 : 1;

    if (!isfinite(c->low) || !isfinite(c->high) || c->ratio >= 10)
        return;
    buf_addf(b, " (%+.*f to %+.*f)", digits, low, digits, high);
}

char *history_effect_words(const struct change *c)
{
    struct buf b = {0};
    char text[64];

    switch (c->kind) {
    case CHANGE_STEP:
    case CHANGE_CREEP:
        buf_add(&b, text_change_words(c->ratio, text, sizeof text));
        add_interval(&b, c);
        if (c->kind == CHANGE_CREEP)
            buf_addf(&b, ", bit by bit over %zu runs", c->end > c->index ? c->end - c->index : 1);
        break;
    case CHANGE_SPREAD:
        if (c->before > 0 && isfinite(c->after))
            buf_addf(&b, "%.2g times the noise", c->after / c->before);
        else
            buf_add(&b, "another noise");
        break;
    case CHANGE_MODES:
        buf_addf(&b, "two groups of values: %.0f %% in the higher one, %.0f %% before", 100 * c->after,
                 100 * c->before);
        break;
    }
    if (c->pending)
        buf_add(&b, ", not confirmed yet");
    return buf_take(&b);
}

char *history_run_words(const struct series_run *run)
{
    char words[40];

    return mem_copy(text_run(run->commit, run->dirty ? "+" : "", run->id, words, sizeof words));
}

char *history_run_day(const struct series_run *run)
{
    char text[32];

    clock_iso8601(run->commit_time ? run->commit_time : run->started, text);
    return mem_copy_n(text, 10);
}

char *history_since_words(const struct history *h, const struct finding *f)
{
    const struct series_home *home = &h->findings.home;
    char *run, *before, *words;

    if (f->run >= home->count || f->before >= home->count)
        return mem_copy("");
    run = history_run_words(&home->runs[f->run]);
    before = history_run_words(&home->runs[f->before]);
    if (f->kind == CHANGE_CREEP && f->last < home->count) {
        char *end = history_run_words(&home->runs[f->last]);

        words = mem_format("bit by bit, from %s to %s", before, end);
        free(end);
    } else if (f->commits == 1)
        words = mem_copy(run);
    else if (f->commits > 1)
        words = mem_format("one of %zu commits after %s, up to %s", f->commits, before, run);
    else
        words = mem_format("between %s and %s", before, run);
    free(run);
    free(before);
    return words;
}

void history_run_html(struct buf *b, const struct series_run *run)
{
    char *name = history_run_words(run), *day = history_run_day(run);

    buf_add(b, "<code>");
    page_text(b, name);
    buf_add(b, "</code> ");
    if (run->subject && *run->subject) {
        page_text(b, run->subject);
        buf_add(b, " ");
    }
    buf_addf(b, "<span class=\"day\">%s</span>", day);
    free(name);
    free(day);
}

/* The class is a word of ours: it has its colour in the style sheet. */
static const char *badge_class(const struct history *h, const struct finding *f)
{
    if (h->undone[f - h->findings.items])
        return "undone";
    if (f->pending || f->doubtful)
        return f->pending ? "pending" : "doubtful";
    if (f->state == FINDING_ACCEPTED)
        return "accepted";
    if (f->state == FINDING_IGNORED)
        return "ignored";
    return f->worse ? "open" : f->kind == CHANGE_STEP || f->kind == CHANGE_CREEP ? "better" : "noted";
}

void history_badge(struct buf *b, const struct history *h, const struct finding *f)
{
    static const char *const words[][2] = {
        {"undone", "gone again"}, {"pending", "not confirmed"}, {"doubtful", "doubtful"},
        {"accepted", "accepted"}, {"ignored", "ignored"},       {"open", "worse"},
        {"better", "better"},     {"noted", "changed"},
    };
    const char *class = badge_class(h, f), *word = class;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i][0], class))
            word = words[i][1];
    buf_addf(b, "<span class=\"verdict %s\">%s</span>", class, word);
}

/* Letters, digits, '_' and '-' of a text that anybody may have written. */
static char *file_part(const char *text)
{
    struct buf b = {0};

    for (; *text && b.length < 80; text++)
        buf_add_n(&b, strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *text) ? text : "_",
                  1);
    return b.length ? buf_take(&b) : mem_copy("x");
}

char **history_finding_files(const struct history *h)
{
    const struct site *site = h->site;
    char **files = mem_new(h->findings.count + 1, sizeof *files);

    for (size_t i = 0; i < h->findings.count; i++) {
        const struct finding *f = &h->findings.items[i];
        char *slug = file_part(f->slug ? f->slug : "");
        const char *slash = site->machine_count > 1 ? "-" : "";
        const char *home = site->machine_count > 1 ? site->machines[h->machine].slug : "";

        files[i] = mem_format("finding-%s%s%s.html", home, slash, slug);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(files[k], files[i])) {
                free(files[i]);
                files[i] = mem_format("finding-%s%s%s-%zu.html", home, slash, slug, i + 1);
                break;
            }
        free(slug);
    }
    return files;
}

char *history_kernel_file(const struct site *site, const char *kernel)
{
    for (size_t i = 0; i < site->kernel_count; i++)
        if (!strcmp(site->kernels[i].name, kernel))
            return mem_format("history-%s", site->kernels[i].file);
    return NULL;
}
