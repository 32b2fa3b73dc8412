/*
 * The truth table for people, and as a document. People see a line for each event: its worst point, and of an event that is wrong
 * some more. The document has every point.
 */
#include "base/mem.h"
#include "base/text.h"
#include "calibrate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 12, NAMED = 20, WRONG_SHOWN = 3 };

static const char *const titles[COLUMNS] = {"event", "should count", "points", "worst on", "expected", "counted",
                                            "error", "spread",       "empty",  "repeats",  "verdict",  "note"};

const char *calibration_error_words(const struct calibration_row *r, char *out, size_t size)
{
    double percent = 100 * r->error;
    bool nothing_expected = !isnan(r->expected) && !(r->expected < 0) && !(r->expected > 0);

    if (isnan(r->error))
        snprintf(out, size, "%s", "");
    else if (!(r->error < 0) && !(r->error > 0))
        snprintf(out, size, "0 %%");
    else if (nothing_expected)
        snprintf(out, size, "%.2g each", r->error);
    else if (fabs(percent) >= 10000)
        snprintf(out, size, "x%.3g", r->error + 1);
    else
        snprintf(out, size, "%+.*f %%", fabs(percent) < 0.1 ? 4 : fabs(percent) < 10 ? 2 : 0, percent);
    return out;
}

/* Counts with all their digits. */
static char *count_words(double value)
{
    if (isnan(value))
        return mem_copy("");
    return fabs(value) < 1e15 && floor(value) == value ? mem_format("%.0f", value) : mem_format("%.6g", value);
}

static char *share_words(double share)
{
    char words[32];

    return mem_copy(isnan(share) ? "" : text_percent(fmax(0, share), words, sizeof words));
}

static void fill(const struct calibration_row *r, const char *points, char *cells[COLUMNS])
{
    char error[40];

    calibration_error_words(r, error, sizeof error);
    cells[0] = mem_copy(r->metric);
    cells[1] = mem_copy(r->event);
    cells[2] = mem_copy(points);
    cells[3] = mem_copy(r->point);
    cells[4] = count_words(r->expected);
    cells[5] = count_words(r->measured);
    cells[6] = mem_copy(error);
    cells[7] = share_words(r->spread);
    cells[8] = count_words(r->overhead);
    cells[9] = mem_copy(isnan(r->measured) ? "" : r->deterministic ? "yes" : "no");
    cells[10] = mem_copy(r->verdict);
    cells[11] = mem_copy(r->note);
}

static bool is_number(size_t column)
{
    return column == 2 || (column >= 4 && column <= 8);
}

static void write_line(const char *const *cells, const size_t *width, struct buf *out)
{
    size_t from = out->length;

    buf_add(out, "  ");
    for (size_t c = 0; c < COLUMNS; c++)
        buf_addf(out, is_number(c) ? "%*s  " : "%-*s  ", c + 1 == COLUMNS ? 0 : (int)width[c], cells[c]);
    while (out->length > from && out->text[out->length - 1] == ' ')
        out->text[--out->length] = '\0';
    buf_add(out, "\n");
}

/* How far beyond, or inside, what is allowed; less than 0 where nothing is known. */
static double excess(const struct calibration_row *r)
{
    return isnan(r->error) ? -1 : r->tolerance > 0 ? fabs(r->error) / r->tolerance : fabs(r->error);
}

/* Of the rows of one metric those that are shown: the worst one, of a wrong event the worst few. */
static size_t choose(const struct calibration *c, size_t first, size_t next, const struct calibration_row **shown)
{
    size_t n = 0;

    for (size_t i = first; i < next; i++) {
        const struct calibration_row *r = &c->rows[i];
        size_t at = n;

        if (isnan(r->measured))
            continue;
        while (at > 0 && excess(r) > excess(shown[at - 1]))
            at--;
        for (size_t k = n < WRONG_SHOWN ? n : WRONG_SHOWN - 1; k > at; k--)
            shown[k] = shown[k - 1];
        if (at < WRONG_SHOWN)
            shown[at] = r;
        n += n < WRONG_SHOWN;
    }
    while (n > 1 && strcmp(shown[n - 1]->verdict, "wrong"))
        n--;
    return n;
}

/* "11 of 12": points on which it is right, of those where something is known. */
static const char *points_words(const struct calibration *c, size_t first, size_t next, char *out, size_t size)
{
    size_t right = 0, known = 0;

    for (size_t i = first; i < next; i++) {
        right += !strcmp(c->rows[i].verdict, "right");
        known += !isnan(c->rows[i].error);
    }
    snprintf(out, size, known == right ? "%zu" : "%zu of %zu", right, known);
    return known ? out : "";
}

static size_t metric_end(const struct calibration *c, size_t first)
{
    size_t next = first;

    while (next < c->count && !strcmp(c->rows[next].metric, c->rows[first].metric))
        next++;
    return next;
}

/* The events that were counted. */
static void write_counted(const struct calibration *c, struct buf *out)
{
    char *(*cells)[COLUMNS] = mem_new(c->count + 1, sizeof *cells), points[60];
    size_t width[COLUMNS], n = 0;

    for (size_t i = 0; i < COLUMNS; i++)
        width[i] = strlen(titles[i]);
    for (size_t i = 0, next; i < c->count; i = next) {
        const struct calibration_row *shown[WRONG_SHOWN];
        size_t count = choose(c, i, next = metric_end(c, i), shown);

        for (size_t k = 0; k < count; k++)
            fill(shown[k], k ? "" : points_words(c, i, next, points, sizeof points), cells[n++]);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < COLUMNS; k++)
            width[k] = strlen(cells[i][k]) > width[k] ? strlen(cells[i][k]) : width[k];
    if (n)
        write_line(titles, width, out);
    for (size_t i = 0; i < n; i++) {
        write_line((const char *const *)cells[i], width, out);
        for (size_t k = 0; k < COLUMNS; k++)
            free(cells[i][k]);
    }
    free(cells);
}

static bool is_told(const struct calibration *c, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (isnan(c->rows[i].measured) && !strcmp(c->rows[i].note, c->rows[row].note) &&
            !strcmp(c->rows[i].verdict, c->rows[row].verdict))
            return true;
    return false;
}

/* The rows without a count: those with one reason in one line. */
static void write_uncounted(const struct calibration *c, struct buf *out)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct calibration_row *r = &c->rows[i];
        size_t names = 0;

        if (!isnan(r->measured) || is_told(c, i))
            continue;
        buf_addf(out, "  %s: ", r->verdict);
        for (size_t k = i; k < c->count; k++) {
            const struct calibration_row *other = &c->rows[k];
            bool again = k > i && !strcmp(other->metric, c->rows[k - 1].metric);

            if (!isnan(other->measured) || again || strcmp(other->note, r->note) || strcmp(other->verdict, r->verdict))
                continue;
            if (names++ < NAMED)
                buf_addf(out, "%s%s", names > 1 ? " " : "", other->metric);
        }
        if (names > NAMED)
            buf_addf(out, " and %zu more", names - NAMED);
        buf_addf(out, ": %s\n", r->note);
    }
}

/* wrong before all; then what was judged before what was not. */
static int badness(const char *verdict)
{
    static const char *const order[] = {"unavailable", "unknown", "right", "wrong"};

    for (int i = 0; i < 4; i++)
        if (!strcmp(verdict, order[i]))
            return i;
    return -1;
}

/* The verdict of a metric whose rows begin at `first`; `next` is the first row behind them. */
static const char *worst(const struct calibration *c, size_t first, size_t *next)
{
    const char *verdict = c->rows[first].verdict;

    *next = metric_end(c, first);
    for (size_t i = first; i < *next; i++)
        verdict = badness(c->rows[i].verdict) > badness(verdict) ? c->rows[i].verdict : verdict;
    return verdict;
}

size_t calibration_metrics(const struct calibration *c, const char *verdict)
{
    size_t count = 0, next;

    for (size_t i = 0; i < c->count; i = next)
        count += !strcmp(worst(c, i, &next), verdict);
    return count;
}

static void write_wrong(const struct calibration *c, struct buf *out)
{
    size_t next, shown = 0;

    for (size_t i = 0; i < c->count; i = next)
        if (!strcmp(worst(c, i, &next), "wrong"))
            buf_addf(out, "%s%s", shown++ ? ", " : "", c->rows[i].metric);
}

void calibration_text(const struct calibration *c, const struct host *h, struct buf *out)
{
    size_t wrong = calibration_metrics(c, "wrong"), right = calibration_metrics(c, "right");

    buf_addf(out,
             "counted on machine %s where counts are known, per execution; empty: what a region with nothing in it "
             "reads before anything is taken away\n",
             h->machine_name);
    write_counted(c, out);
    write_uncounted(c, out);
    buf_addf(out, "%zu event%s right, %zu unknown, %zu unavailable, %zu wrong", right, right == 1 ? " is" : "s are",
             calibration_metrics(c, "unknown"), calibration_metrics(c, "unavailable"), wrong);
    if (wrong) {
        buf_add(out, ": ");
        write_wrong(c, out);
        buf_addf(out, "; no verdict rests on %s", wrong == 1 ? "it" : "them");
    }
    buf_add(out, "\n");
    text_disarm(out->text, true);
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *text(const char *value)
{
    json_t *json = json_string(value);

    return json ? json : json_string("?");
}

json_t *calibration_json(const struct calibration *c, const struct host *h, bool scripted)
{
    static const char *const verdicts[] = {"right", "wrong", "unknown", "unavailable"};
    json_t *events = json_array(),
           *root = json_pack("{s:i, s:o, s:s, s:b, s:o}", "calibration", 1, "machine", text(h->machine_name),
                             "fingerprint", h->machine_fingerprint, "scripted", scripted, "events", events);

    for (size_t i = 0; i < c->count; i++) {
        const struct calibration_row *r = &c->rows[i];

        json_array_append_new(
            events, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:s, s:o}", "metric", text(r->metric),
                              "point", text(r->point), "event", text(r->event), "expected", number(r->expected),
                              "counted", number(r->measured), "error", number(r->error), "spread", number(r->spread),
                              "overhead", number(r->overhead), "tolerance", number(r->tolerance), "deterministic",
                              r->deterministic, "verdict", r->verdict, "note", text(r->note)));
    }
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        json_object_set_new(root, verdicts[i], json_integer((json_int_t)calibration_metrics(c, verdicts[i])));
    return root;
}
