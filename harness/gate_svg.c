/*
 * A small picture of one finding: what its worst point did in the last runs, and beside it every launch before and now.
 *
 * The scale is the change against the baseline, since a change is what it is about; values stand in the second line. It is plain SVG 1.1
 * without script and without anything fetched, so that a page of a build server may show it, with colours of its own for dark pages.
 * Before and now differ by shape too, for readers who cannot tell the colours apart.
 */
#include "gate_model.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define WIDTH 640
#define HEIGHT 220
#define TOP 58 /* of the plot, and so on */
#define BOTTOM 172
#define LEFT 64
#define MIDDLE 430 /* where the launches' part begins, if there is a past */
#define RIGHT 628
#define LETTERS 82   /* of the title */
#define FEW_RUNS 3   /* are no past worth a part of the picture */
#define LAUNCHES 200 /* marks of one side */

static const char style[] = "<style>\n"
                            "text { font: 12px sans-serif; fill: #1f2328; }\n"
                            ".title { font-size: 14px; font-weight: bold; }\n"
                            ".soft { fill: #59636e; }\n"
                            ".ground { fill: #ffffff; }\n"
                            ".grid { stroke: #d8dee4; }\n"
                            ".base { stroke: #59636e; stroke-dasharray: 5 4; }\n"
                            ".before { fill: #0072b2; stroke: #0072b2; }\n"
                            ".now { fill: #d55e00; stroke: #d55e00; }\n"
                            ".doubt { fill: none; }\n"
                            ".path { fill: none; stroke: #0072b2; stroke-opacity: .5; }\n"
                            "@media (prefers-color-scheme: dark) {\n"
                            "  text { fill: #e3e6ea; }\n"
                            "  .soft { fill: #9aa4af; }\n"
                            "  .ground { fill: #13171c; }\n"
                            "  .grid { stroke: #3b434c; }\n"
                            "  .base { stroke: #9aa4af; }\n"
                            "  .before { fill: #56b4e9; stroke: #56b4e9; }\n"
                            "  .path { stroke: #56b4e9; }\n"
                            "  .now { fill: #f08a3c; stroke: #f08a3c; }\n"
                            "  .doubt { fill: none; }\n"
                            "}\n"
                            "</style>\n";

/* What the picture is drawn with: shares of `base`, or values where there is none. */
struct frame {
    const struct gate_item *item;
    const struct gate_finding *finding;
    double base, low, high; /* low and high are what the plot spans */
    bool past;
};

static double share(const struct frame *f, double value)
{
    return isnan(f->base) ? value : value / f->base - 1;
}

static double y_of(const struct frame *f, double value)
{
    double y = BOTTOM - (share(f, value) - f->low) / (f->high - f->low) * (BOTTOM - TOP);

    return fmin(fmax(y, TOP - 4), BOTTOM + 4);
}

static void span(struct frame *f, double value)
{
    double s = share(f, value);

    if (!isfinite(s))
        return;
    f->low = fmin(f->low, s);
    f->high = fmax(f->high, s);
}

static size_t marks(const struct gate_series *s)
{
    return !s ? 0 : s->count < LAUNCHES ? s->count : LAUNCHES;
}

static double usual(const struct gate_item *item, const struct gate_finding *f)
{
    double value = item->old_value;

    if (isnan(value) && f->past_count)
        value = f->past[0].value;
    return isfinite(value) && value > 0 ? value : NAN;
}

static struct frame frame_of(const struct gate_finding *finding)
{
    const struct gate_item *item = finding->shown;
    struct frame f = {.item = item, .finding = finding, .low = INFINITY, .high = -INFINITY};
    double room;

    f.past = finding->past_count >= FEW_RUNS;
    f.base = usual(item, finding);
    span(&f, f.base);
    for (size_t i = 0; i < finding->past_count && f.past; i++)
        span(&f, finding->past[i].value);
    for (size_t i = 0; i < marks(item->old_series); i++)
        span(&f, item->old_series->values[i]);
    for (size_t i = 0; i < marks(item->new_series); i++)
        span(&f, item->new_series->values[i]);
    room = 0.08 * (f.high - f.low);
    if (!(room > 0))
        room = isnan(f.base) ? fmax(fabs(f.high), 1) : 0.01;
    f.low -= room;
    f.high += room;
    return f;
}

static void add_text(struct buf *out, double x, double y, const char *attributes, const char *text)
{
    buf_addf(out, "<text x=\"%.1f\" y=\"%.1f\"%s>", x, y, attributes);
    gate_add_xml(out, text);
    buf_add(out, "</text>\n");
}

static void add_line(struct buf *out, const char *class_name, double x1, double y1, double x2, double y2)
{
    buf_addf(out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", class_name, x1, y1, x2, y2);
}

/* A value of one of the two runs: a circle before, a triangle now, hollow where it is doubtful. */
static void add_mark(struct buf *out, bool now, bool doubtful, double x, double y)
{
    const char *doubt = doubtful ? " doubt" : "";

    if (now)
        buf_addf(out, "<path class=\"now%s\" d=\"M%.1f %.1f l4.5 8 h-9 z\"/>\n", doubt, x, y - 5);
    else
        buf_addf(out, "<circle class=\"before%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n", doubt, x, y);
}

static const char *tick_words(const struct frame *f, double tick, double step, char *out, size_t size)
{
    double percent = 100 * tick;
    int digits = (int)fmin(fmax(ceil(-log10(100 * step) - 1e-9), 0), 6);

    if (isnan(f->base))
        return text_quantity(tick, f->item->metric->unit, out, size);
    if (fabs(tick) < step / 1000)
        return "0 %";
    snprintf(out, size, "%+.*f %%", digits, percent);
    return out;
}

/* Three to six lines at round changes. */
static void add_ticks(struct buf *out, const struct frame *f)
{
    double wide = (f->high - f->low) / 4, ten = pow(10, floor(log10(wide))), step, first;
    char words[48];

    step = wide <= ten ? ten : wide <= 2 * ten ? 2 * ten : wide <= 5 * ten ? 5 * ten : 10 * ten;
    first = ceil(f->low / step);
    for (int k = 0; k < 20 && (first + k) * step <= f->high; k++) {
        double tick = (first + k) * step, y = BOTTOM - (tick - f->low) / (f->high - f->low) * (BOTTOM - TOP);
        bool base = !isnan(f->base) && fabs(tick) < step / 1000;

        add_line(out, base ? "base" : "grid", LEFT, y, RIGHT, y);
        add_text(out, LEFT - 6, y + 4, " text-anchor=\"end\" class=\"soft\"",
                 tick_words(f, tick, step, words, sizeof words));
    }
}

static void add_past(struct buf *out, const struct frame *f)
{
    const struct gate_finding *finding = f->finding;
    size_t n = finding->past_count;
    double step = (MIDDLE - 34.0 - LEFT - 12) / (double)(n - 1);
    char words[80];

    buf_add(out, "<polyline class=\"path\" points=\"");
    for (size_t i = 0; i < n; i++)
        buf_addf(out, "%s%.1f,%.1f", i ? " " : "", LEFT + 12 + step * (double)i, y_of(f, finding->past[i].value));
    buf_add(out, "\"/>\n");
    for (size_t i = 0; i < n; i++) {
        const struct gate_past *p = &finding->past[i];
        double x = LEFT + 12 + step * (double)i;

        if (p->low < p->high)
            add_line(out, "path", x, y_of(f, p->low), x, y_of(f, p->high));
        add_mark(out, i + 1 == n, p->suspect, x, y_of(f, p->value));
    }
    snprintf(words, sizeof words, "run %" PRId64 " to %" PRId64 ": medians", finding->past[0].run,
             finding->past[n - 1].run);
    add_text(out, (LEFT + MIDDLE - 22) / 2.0, BOTTOM + 20, " text-anchor=\"middle\" class=\"soft\"", words);
}

/* One side's launches, spread out so that equal ones are seen; the bar is their median. */
static void add_launches(struct buf *out, const struct frame *f, bool now, double from, double to)
{
    const struct gate_series *s = now ? f->item->new_series : f->item->old_series;
    double value = now ? f->item->new_value : f->item->old_value, middle = (from + to) / 2;
    size_t n = marks(s);
    char words[80];

    for (size_t i = 0; i < n; i++)
        add_mark(out, now, false, from + (to - from) * ((double)i + 0.5) / (double)n, y_of(f, s->values[i]));
    if (isfinite(value))
        buf_addf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"1\"/>\n",
                 now ? "now" : "before", from, y_of(f, value) - 0.5, to - from);
    else if (now)
        buf_addf(out, "<path class=\"now\" d=\"M%.1f %.1f l12 12 m0 -12 l-12 12\" stroke-width=\"3\"/>\n", middle - 6,
                 (TOP + BOTTOM) / 2.0 - 6);
    snprintf(words, sizeof words, "%s (%zu)", now ? "now" : "before", n);
    if (n == 0)
        snprintf(words, sizeof words, "%s", now ? gate_finding_word(f->finding) : "nothing before");
    add_text(out, middle, BOTTOM + 20, " text-anchor=\"middle\" class=\"soft\"", words);
}

/* "instructions +5.0 % (95 % +4.9 % to +5.1 %): 16.0 M before, 16.8 M now". */
static void add_sentence(struct buf *b, const struct gate_item *item)
{
    char before[48], now[48], change[32], low[32], high[32];

    buf_add(b, metric_words(item->metric->name));
    if (!isnan(item->c.ratio))
        buf_addf(b, " %s", text_change_words(item->c.ratio, change, sizeof change));
    if (!isnan(item->c.low) && item->c.low < item->c.high)
        buf_addf(b, " (95 %%: %s to %s)", text_change_words(item->c.low, low, sizeof low),
                 text_change_words(item->c.high, high, sizeof high));
    if (!isnan(item->old_value))
        buf_addf(b, "; before %s", text_quantity(item->old_value, item->metric->unit, before, sizeof before));
    if (!isnan(item->new_value))
        buf_addf(b, "; now %s", text_quantity(item->new_value, item->metric->unit, now, sizeof now));
    if (item->confirmed && item->metric->duration)
        buf_add(b, "; measured again in turns");
}

/* A long point keeps its beginning and its end, which tell it from others. */
static void add_title(struct buf *b, const struct gate_finding *f)
{
    const char *point = f->shown->point->text;
    size_t length = strlen(point), half = (LETTERS - 10) / 2;

    buf_addf(b, "F%d  ", f->number);
    if (length <= LETTERS - 6)
        buf_add(b, point);
    else {
        buf_add_n(b, point, half);
        buf_add(b, " ... ");
        buf_add(b, point + length - half);
    }
}

static void add_head(struct buf *out, const struct gate_finding *f)
{
    struct buf title = {0}, sentence = {0};

    add_title(&title, f);
    add_sentence(&sentence, f->shown);
    buf_addf(out,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\""
             " aria-labelledby=\"t d\">\n<title id=\"t\">",
             WIDTH, HEIGHT, WIDTH, HEIGHT);
    gate_add_xml(out, f->shown->point->text);
    buf_add(out, "</title>\n<desc id=\"d\">");
    gate_add_xml(out, buf_text(&sentence));
    buf_addf(out, "</desc>\n%s<rect class=\"ground\" width=\"%d\" height=\"%d\"/>\n", style, WIDTH, HEIGHT);
    add_text(out, 10, 20, " class=\"title\"", buf_text(&title));
    add_text(out, 10, 39, "", buf_text(&sentence));
    buf_free(&title);
    buf_free(&sentence);
}

bool gate_has_picture(const struct gate_finding *f)
{
    return f->shown && (marks(f->shown->old_series) || marks(f->shown->new_series) || f->past_count >= FEW_RUNS);
}

void gate_write_picture(const struct gate_finding *finding, struct buf *out)
{
    struct frame f = frame_of(finding);
    double from = f.past ? MIDDLE : LEFT + 12, half = (RIGHT - from) / 2;
    char words[120];

    add_head(out, finding);
    add_ticks(out, &f);
    if (f.past)
        add_past(out, &f);
    add_launches(out, &f, false, from + 6, from + half - 10);
    add_launches(out, &f, true, from + half + 10, RIGHT - 6);
    if (finding->shown->baseline && !isnan(f.base))
        snprintf(words, sizeof words, "0 %% is run %" PRId64 "; %s", finding->shown->baseline->run,
                 f.past ? "left: its history, right: every launch" : "a mark is a launch");
    else
        snprintf(words, sizeof words, "%s", f.past ? "left: its history, right: every launch" : "a mark is a launch");
    add_text(out, 10, HEIGHT - 6, " class=\"soft\"", words);
    buf_add(out, "</svg>\n");
}
