/*
 * The picture of a series: its runs, levels and changes, and what else happened, as data for history.gp. Nothing from the database
 * reaches gnuplot but as cells of the data file.
 */
#include "report_history.h"
#include "report_history_axis.h"

#include "../harness/base/mem.h"
#include "../harness/base/stats.h"
#include "../harness/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLUMNS = 400, /* places for values side by side; beyond, neighbours share one */
    ROWS = 2,      /* of words above the picture */
    WIDE_CHANGES = 11,
    NARROW_CHANGES = 5, /* words side by side above the picture */
    WIDE_PLACES = 8,
    NARROW_PLACES = 4, /* and below it */
    LETTERS = 18,      /* of decisions, side by side */
    PILE = 4,          /* and above each other */
};

#define HEADER "x\tvalue\tlow\thigh\ttext\tbrief\tdate\tkind"

/* A picture being made. */
struct picture {
    const struct history *h;
    const struct history_series *s;
    struct history_axis axis;
    struct plot_job *job;
};

static void add_row(struct picture *p, double x, const double value[3], const char *text, const char *brief,
                    const char *date, int kind)
{
    buf_addf(&p->job->data.table, "%.10g\t%.10g\t%.10g\t%.10g\t%s\t%s\t%s\t%d\n", x, value[0] / p->axis.unit,
             value[1] / p->axis.unit, value[2] / p->axis.unit, text, brief, date, kind);
    p->job->data.rows++;
}

static void add_place(struct picture *p, double x, double value, int kind)
{
    add_row(p, x, (double[]){value, value, value}, "-", "-", "-", kind);
}

/* Begins block `name`; its number becomes the variable b_NAME. */
static void begin(struct picture *p, const char *name)
{
    buf_addf(&p->job->variables, "b_%s = %zu\n", name, p->job->data.count);
    report_data_block(&p->job->data, HEADER, name);
}

static void lacks(struct picture *p, const char *name)
{
    buf_addf(&p->job->variables, "b_%s = -1\n", name);
}

/* Like begin and lacks, at the first row of a block that may stay empty. */
static void begin_once(struct picture *p, const char *name, bool *begun)
{
    if (!*begun)
        begin(p, name);
    *begun = true;
}

/* ---- blocks */
static void add_values(struct picture *p)
{
    const struct history_values *v = p->s->values;
    size_t share = (v->count + COLUMNS - 1) / COLUMNS;

    begin(p, "values");
    for (size_t i = 0, end; i < v->count; i = end) {
        /* a comparison ends where kernel or variant became another: so does the band */
        for (end = i + 1; end < v->count && end - i < share && !v->another[end]; end++)
            ;
        if (i && v->another[i])
            buf_add(&p->job->data.table, "\n");
        add_row(p, (double)(v->run[i] + v->run[end - 1]) / 2,
                (double[]){stats_median(v->value + i, end - i), stats_min(v->low + i, end - i),
                           stats_max(v->high + i, end - i)},
                "-", "-", "-", 0);
    }
}

static void add_odd_values(struct picture *p)
{
    const struct history_values *v = p->s->values;
    bool suspect = false, beyond = false;

    for (size_t i = 0; i < v->count; i++)
        if (v->suspect[i]) {
            begin_once(p, "suspect", &suspect);
            add_place(p, (double)v->run[i], v->value[i], 0);
        }
    for (size_t i = 0; i < v->count; i++)
        if (v->value[i] > p->axis.most || v->value[i] < p->axis.least) {
            begin_once(p, "beyond", &beyond);
            add_place(p, (double)v->run[i], v->value[i], v->value[i] > p->axis.most ? 1 : -1);
        }
    if (!suspect)
        lacks(p, "suspect");
    if (!beyond)
        lacks(p, "beyond");
}

static void add_levels(struct picture *p)
{
    struct history_level *levels;
    size_t count = history_levels(p->s, &levels);
    bool any = false, pending = false;

    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < count; i++) {
            const struct history_level *l = &levels[i];

            if (l->pending != (round == 1))
                continue;
            if (round == 1)
                begin_once(p, "pending", &pending);
            else
                begin_once(p, "levels", &any);
            add_place(p, (double)l->first - 0.45, l->from, 0);
            add_place(p, (double)l->last + 0.45, l->to, 0);
            buf_add(&p->job->data.table, "\n");
        }
    if (!any)
        lacks(p, "levels");
    if (!pending)
        lacks(p, "pending");
    free(levels);
}

/* Words above the picture stand in rows: the first one that has room at `x`, ROWS if none has. `taken` holds those of every row. */
struct room {
    double *taken[ROWS];
    size_t count[ROWS], most; /* side by side */
};

static int take_room(struct room *r, double x, double width)
{
    for (int row = 0; row < ROWS; row++) {
        bool free_here = true;

        for (size_t i = 0; i < r->count[row]; i++)
            free_here &= fabs(r->taken[row][i] - x) * (double)r->most >= width;
        if (free_here) {
            r->taken[row][r->count[row]++] = x;
            return row;
        }
    }
    return ROWS;
}

struct worded {
    const struct change *change;
    double size;
};

static int by_size(const void *a, const void *b)
{
    const struct worded *x = a, *y = b;

    return (y->size > x->size) - (y->size < x->size);
}

static int change_color(const struct history_series *s, const struct change *c)
{
    if (c->pending)
        return 3;
    if (history_worse(s, c))
        return 1;
    return (c->kind == CHANGE_STEP || c->kind == CHANGE_CREEP) && s->better != BETTER_NEITHER ? 2 : 4;
}

/* `low` and `high` are the rows of its words in wide and in narrow windows. */
static void add_change(struct picture *p, const struct change *c, struct room *wide, struct room *narrow)
{
    double x = (double)c->index - 0.5, width = (double)p->h->findings.home.count;
    char text[64];
    const char *words = c->kind == CHANGE_SPREAD  ? "noise"
                        : c->kind == CHANGE_MODES ? "two groups"
                                                  : text_change_words(c->ratio, text, sizeof text);

    buf_addf(&p->job->data.table, "%.10g\t0\t%d\t%d\t%s\t%s\t-\t%d\n", x, take_room(wide, x, width),
             take_room(narrow, x, width), words, words, change_color(p->s, c));
    p->job->data.rows++;
}

/* Changes are drawn all; the largest ones have words, as far as there is room. */
static void add_changes(struct picture *p)
{
    const struct change_list *list = &p->s->changes;
    struct worded *worded = mem_new(list->count + 1, sizeof *worded);
    double *taken = mem_new(2 * ROWS * (list->count + 1), sizeof *taken);
    struct room wide = {.most = WIDE_CHANGES}, narrow = {.most = NARROW_CHANGES};

    for (size_t i = 0; i < ROWS; i++) {
        wide.taken[i] = taken + i * (list->count + 1);
        narrow.taken[i] = taken + (ROWS + i) * (list->count + 1);
    }
    for (size_t i = 0; i < list->count; i++)
        worded[i] = (struct worded){.change = &list->items[i], .size = fabs(log(list->items[i].ratio))};
    qsort(worded, list->count, sizeof *worded, by_size);
    if (list->count)
        begin(p, "changes");
    else
        lacks(p, "changes");
    for (size_t i = 0; i < list->count; i++)
        add_change(p, worded[i].change, &wide, &narrow);
    free(worded);
    free(taken);
}

static void add_marks(struct picture *p)
{
    bool around = false, absent = false;

    for (size_t i = 0; i < p->h->mark_count; i++)
        if (p->h->marks[i].around) {
            begin_once(p, "around", &around);
            add_place(p, (double)p->h->marks[i].run - 0.5, 0, 0);
        }
    for (size_t i = 0; i < p->h->mark_count; i++)
        if (!p->h->marks[i].around) {
            begin_once(p, "absent", &absent);
            add_place(p, (double)p->h->marks[i].run, 0, 0);
        }
    if (!around)
        lacks(p, "around");
    if (!absent)
        lacks(p, "absent");
}

/* Letters that stand already; each beside or above those before. */
struct letters {
    double x[PILE * LETTERS];
    int kind[PILE * LETTERS], row[PILE * LETTERS];
    size_t count;
};

/* The row in which this one has room; -1: it stands there already, or there is none. */
static int letter_row(struct letters *l, double x, int kind, double width)
{
    bool taken[PILE] = {false};
    int row = 0;

    for (size_t i = 0; i < l->count; i++) {
        if (l->kind[i] == kind && l->x[i] == x)
            return -1;
        if (fabs(l->x[i] - x) * LETTERS < width)
            taken[l->row[i]] = true;
    }
    while (row < PILE && taken[row])
        row++;
    if (row == PILE || l->count == PILE * LETTERS)
        return -1;
    l->x[l->count] = x;
    l->kind[l->count] = kind;
    l->row[l->count++] = row;
    return row;
}

/* Decisions: a letter each, explained in the key. `low` is the row of the letter. */
static void add_ledger(struct picture *p)
{
    static const char *const words[][3] = {
        {"accept", "A", "A accepted"}, {"ignore", "I", "I ignored"}, {"note", "N", "N note"}};
    struct letters letters = {.count = 0};
    struct buf title = {0};
    bool seen[3] = {false}, any = false;

    for (size_t i = 0; i < p->h->ledger.count; i++) {
        const struct ledger_entry *entry = &p->h->ledger.items[i];
        double place;
        int row;

        if (!text_glob(entry->points, p->s->point) || !metric_matches(entry->metrics, p->s->metric) ||
            !history_ledger_place(p->h, entry, &place))
            continue;
        for (int k = 0; k < 3; k++)
            if (!strcmp(entry->kind, words[k][0]) &&
                (row = letter_row(&letters, place, k, (double)p->h->findings.home.count)) >= 0) {
                begin_once(p, "ledger", &any);
                add_row(p, place, (double[]){0, row * p->axis.unit, 0}, words[k][1], words[k][1], "-", k);
                if (!seen[k])
                    buf_addf(&title, "%s%s", title.length ? ", " : "", words[k][2]);
                seen[k] = true;
            }
    }
    if (!any)
        lacks(p, "ledger");
    buf_add(&p->job->variables, "ledger_title = ");
    buf_add_gnuplot(&p->job->variables, buf_text(&title));
    buf_add(&p->job->variables, "\n");
    buf_free(&title);
}

/* Is run i one of at most `most` at equal distances, so that no words touch? The newest is. */
static bool is_named(size_t i, size_t count, size_t most)
{
    size_t step = count <= most ? 1 : (count - 1 + most - 2) / (most - 1);

    return (count - 1 - i) % step == 0;
}

static void add_places(struct picture *p)
{
    const struct series_home *home = &p->h->findings.home;

    begin(p, "places");
    for (size_t i = 0; i < home->count; i++) {
        char *words, *day, *cell;
        bool wide = is_named(i, home->count, WIDE_PLACES), narrow = is_named(i, home->count, NARROW_PLACES);

        if (!wide && !narrow)
            continue;
        words = history_run_words(&home->runs[i]);
        day = history_run_day(&home->runs[i]);
        cell = plot_cell(words);
        add_row(p, (double)i, (double[]){0, 0, 0}, wide ? cell : "-", narrow ? cell : "-", day, 0);
        free(words);
        free(day);
        free(cell);
    }
}

static void make(const struct history *h, const struct history_series *s, struct plot_job *job)
{
    struct picture p = {.h = h, .s = s, .job = job};

    history_axis(s, &p.axis);
    add_values(&p);
    add_levels(&p);
    add_changes(&p);
    add_odd_values(&p);
    add_marks(&p);
    add_ledger(&p);
    add_places(&p);
    buf_addf(&job->variables,
             "x_most = %zu\ny_least = %.10g\ny_most = %.10g\ny_digits = %d\ny_label = ", h->findings.home.count - 1,
             p.axis.least / p.axis.unit, p.axis.most / p.axis.unit, p.axis.digits);
    buf_add_gnuplot(&job->variables, p.axis.label);
    buf_add(&job->variables, "\n");
}

/* ---- all of them */
const struct report_file *history_picture_file(const struct site *site)
{
    for (size_t i = 0; i < site->report_count; i++)
        if (report_file_scope(&site->reports[i], "series"))
            return &site->reports[i];
    return NULL;
}

static size_t make_all(struct history *list, size_t count, struct plot_job *jobs, struct history_series **owners)
{
    size_t made = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < list[i].count; k++) {
            struct history_series *s = &list[i].series[k];

            if (!s->values)
                continue;
            jobs[made].report = history_picture_file(list[i].site);
            jobs[made].stem = mem_copy(s->anchor);
            make(&list[i], s, &jobs[made]);
            owners[made++] = s;
        }
    return made;
}

int history_draw(struct history *list, size_t count, struct err *e)
{
    size_t most = 0, made;
    struct plot_job *jobs;
    struct history_series **owners;
    int result = 0;

    if (!count || !list->site->plotter.program || !history_picture_file(list->site))
        return 0;
    for (size_t i = 0; i < count; i++)
        most += list[i].count;
    jobs = mem_new(most, sizeof *jobs);
    owners = mem_new(most, sizeof *owners);
    made = make_all(list, count, jobs, owners);
    result = plot_draw(&list->site->plotter, jobs, made, e);
    for (size_t i = 0; i < made; i++) {
        site_wrote_plot(list->site, jobs[i].stem, jobs[i].drawn, jobs[i].problem);
        if (jobs[i].drawn)
            owners[i]->stem = mem_copy(jobs[i].stem);
        owners[i]->problem = mem_copy(jobs[i].problem);
        plot_job_free(&jobs[i]);
    }
    free(jobs);
    free(owners);
    return result;
}
