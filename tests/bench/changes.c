/*
 * What changes_find is worth: false steps in five kinds of noise, steps that are found, and what a series takes; compared with limits.
 * With CHANGES_DATA=FOLDER... (folders apart by ':') also the agreement with people's labels: a set is NAME.txt, one value a line, and
 * labels.json, {NAME: {PERSON: [first value of each new level]}}. Agreement as van den Burg and Williams measure it (2020): a change
 * within 5 values counts, value 0 is one; precision against all people's changes together, recall and covering as means over people.
 */
#include "../../reports/analysis/change.h"
#include "simulated.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SERIES = 400, NOISE_VALUES = 200, STEP_AT = 85, STEP_VALUES = 100, MARGIN = 5, LONGEST = 1000000 };
static const char *const noise_names[] = {"normal", "dependent", "spikes", "log-normal", "two groups"};

static double noisy(int kind, double *memory, uint64_t *seed)
{
    double g = gaussian(seed), u = uniform(seed);

    *memory = 0.5 * *memory + sqrt(0.75) * g;
    switch (kind) {
    case 0: return 100 + g;
    case 1: return 100 + *memory;
    case 2: return 100 + g + (u < 0.02 ? 8 : 0);
    case 3: return 99 + exp(0.8 * g);
    default: return 100 + g + (u < 0.3 ? 2 : 0);
    }
}

/* Confirmed steps of values; free(). */
static size_t *steps_of(const double *x, size_t n, size_t *count)
{
    struct change_list list = {0};
    size_t *steps;

    changes_find(x, n, NULL, &list);
    steps = mem_new(list.count + 1, sizeof *steps);
    *count = 0;
    for (size_t i = 0; i < list.count; i++) {
        if (list.items[i].kind == CHANGE_STEP && !list.items[i].pending)
            steps[(*count)++] = list.items[i].index;
    }
    changes_free(&list);
    return steps;
}

static bool told(bool fine, const char *what, double measured, const char *limit)
{
    printf("%-4s %-60s %8.3f  (%s)\n", fine ? "ok" : "FAIL", what, measured, limit);
    return fine;
}

static bool false_alarms(void)
{
    bool fine = true;
    uint64_t seed = 1;

    for (int kind = 0; kind < 5; kind++) {
        double x[NOISE_VALUES], memory = 0, rate;
        size_t all = 0, count;
        char what[80];

        for (int s = 0; s < SERIES; s++) {
            for (int i = 0; i < NOISE_VALUES; i++)
                x[i] = noisy(kind, &memory, &seed);
            free(steps_of(x, NOISE_VALUES, &count));
            all += count;
        }
        rate = 1000.0 * (double)all / SERIES / NOISE_VALUES;
        snprintf(what, sizeof what, "false steps per 1,000 values, %s noise", noise_names[kind]);
        fine = told(rate <= 0.2, what, rate, "at most 0.2, wanted 0.1") && fine;
    }
    return fine;
}

static bool power(void)
{
    static const double wanted[] = {0, 0, 0.70, 0.95};
    bool fine = true;
    uint64_t seed = 2;

    for (int sigmas = 1; sigmas <= 3; sigmas++) {
        int found = 0;
        char what[80], limit[40];

        for (int s = 0; s < SERIES; s++) {
            double x[STEP_VALUES];
            size_t count, *steps;
            bool hit = false;

            for (int i = 0; i < STEP_VALUES; i++)
                x[i] = 100 + gaussian(&seed) + (i < STEP_AT ? 0 : sigmas);
            steps = steps_of(x, STEP_VALUES, &count);
            for (size_t i = 0; i < count; i++)
                hit = hit || (steps[i] + MARGIN >= STEP_AT && steps[i] <= STEP_AT + MARGIN);
            found += hit;
            free(steps);
        }
        snprintf(what, sizeof what, "steps of %d sigma with 15 values behind them, found", sigmas);
        snprintf(limit, sizeof limit, "at least %.2f", wanted[sigmas]);
        fine = told((double)found / SERIES >= wanted[sigmas], what, (double)found / SERIES, limit) && fine;
    }
    return fine;
}

/* CPU milliseconds of one series, the least of some. */
static double takes(const double *x, size_t n)
{
    double best = INFINITY;
    int rounds = n > 20000 ? 1 : 20;

    for (int i = 0; i < rounds; i++) {
        struct timespec a, b;
        size_t count;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
        free(steps_of(x, n, &count));
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
        best = fmin(best, 1e3 * (double)(b.tv_sec - a.tv_sec) + 1e-6 * (double)(b.tv_nsec - a.tv_nsec));
    }
    return best;
}

static bool speed(void)
{
    static const char *const shapes[] = {"no change", "a step every 200 values", "a walk", "a slope"};
    double *x = mem_new(LONGEST, sizeof *x);
    bool fine = true;
    uint64_t seed = 3;

    for (int shape = 0; shape < 4; shape++) {
        double walk = 0;

        for (size_t i = 0; i < LONGEST; i++) {
            double g = gaussian(&seed);

            walk += 0.1 * g;
            x[i] = 1000 + g +
                   (shape == 1   ? 50 * (double)(i / 200 % 2)
                    : shape == 2 ? walk
                                 : 0) +
                   (shape == 3 ? 0.01 * (double)i : 0);
        }
        for (size_t n = 1000; n <= LONGEST; n *= 10) {
            double ms = takes(x, n), most = n == 1000 ? 3 : n == 10000 ? 50 : INFINITY;
            char what[80], limit[60];

            snprintf(what, sizeof what, "ms for %zu values, %s", n, shapes[shape]);
            snprintf(limit, sizeof limit, "%.1f ns per value and doubling%s", 1e6 * ms / (double)n / log2((double)n),
                     n == 1000    ? "; at most 3 ms"
                     : n == 10000 ? "; at most 50 ms"
                                  : "");
            fine = told(ms <= most, what, ms, limit) && fine;
        }
    }
    free(x);
    return fine;
}

/* How many of `truth` have one of `found` of their own nearby; both rise. */
static size_t matched(const size_t *truth, size_t nt, const size_t *found, size_t nf)
{
    bool *taken = mem_new(nf, sizeof *taken);
    size_t hits = 0;

    for (size_t i = 0; i < nt; i++) {
        size_t best = nf, least = MARGIN + 1;

        for (size_t k = 0; k < nf; k++) {
            size_t away = truth[i] > found[k] ? truth[i] - found[k] : found[k] - truth[i];

            if (!taken[k] && away < least) {
                least = away;
                best = k;
            }
        }
        if (best < nf) {
            taken[best] = true;
            hits++;
        }
    }
    free(taken);
    return hits;
}

static int by_size(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

/* Sorted, each once, 0 among them. */
static size_t tidy(size_t *list, size_t count)
{
    size_t kept = 0;

    list[count++] = 0;
    qsort(list, count, sizeof *list, by_size);
    for (size_t i = 0; i < count; i++) {
        if (!kept || list[kept - 1] != list[i])
            list[kept++] = list[i];
    }
    return kept;
}

static double covering(const size_t *truth, size_t nt, const size_t *found, size_t nf, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < nt; i++) {
        double a = (double)truth[i], b = (double)(i + 1 < nt ? truth[i + 1] : n), best = 0;

        for (size_t k = 0; k < nf; k++) {
            double c = (double)found[k], d = (double)(k + 1 < nf ? found[k + 1] : n);
            double both = fmax(0, fmin(b, d) - fmax(a, c));

            best = fmax(best, both / (b - a + d - c - both));
        }
        sum += (b - a) * best;
    }
    return sum / (double)n;
}

struct agreement {
    double f1, cover, precision, recall, series;
};

static void add_series(struct agreement *sum, json_t *people, const double *x, size_t n)
{
    size_t count, *found = steps_of(x, n, &count), *all = mem_new(n + 1, sizeof *all), together = 0;
    size_t *one = mem_new(n + 1, sizeof *one);
    double recall = 0, cover = 0, precision, persons = (double)json_object_size(people);
    const char *person;
    json_t *labels, *label;

    count = tidy(found, count);
    json_object_foreach(people, person, labels)
    {
        size_t mine = 0, i;

        json_array_foreach(labels, i, label) one[mine++] = (size_t)json_integer_value(label);
        mine = tidy(one, mine);
        recall += (double)matched(one, mine, found, count) / (double)mine / persons;
        cover += covering(one, mine, found, count, n) / persons;
        for (i = 0; i < mine; i++) {
            bool known = false;

            for (size_t k = 0; k < together; k++)
                known = known || all[k] == one[i];
            if (!known)
                all[together++] = one[i];
        }
    }
    qsort(all, together, sizeof *all, by_size);
    precision = (double)matched(all, together, found, count) / (double)count;
    sum->f1 += 2 * precision * recall / (precision + recall);
    sum->cover += cover;
    sum->precision += precision;
    sum->recall += recall;
    sum->series++;
    free(found);
    free(all);
    free(one);
}

/* One value a line; free(). */
static double *read_values(const char *path, size_t *n)
{
    double *x = NULL, value;
    size_t capacity = 0;
    FILE *f = fopen(path, "r");

    *n = 0;
    while (f && fscanf(f, "%lf", &value) == 1) {
        VEC_ROOM(x, *n, capacity);
        x[(*n)++] = value;
    }
    if (f)
        fclose(f);
    return x;
}

static void print_agreement(const char *what, const struct agreement *a)
{
    if (a->series > 0)
        printf("     %-60s F1 %.3f  cover %.3f  precision %.3f  recall %.3f  of %.0f series\n", what, a->f1 / a->series,
               a->cover / a->series, a->precision / a->series, a->recall / a->series, a->series);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool agree(const char *folder)
{
    struct agreement half[2] = {{0}}, all = {0};
    char path[4096];
    json_t *labels, *people;
    const char *name, **names;
    size_t count = 0;

    snprintf(path, sizeof path, "%s/labels.json", folder);
    if (!(labels = json_load_file(path, 0, NULL)))
        return told(false, path, 0, "cannot be read");
    names = mem_new(json_object_size(labels), sizeof *names);
    json_object_foreach(labels, name, people) names[count++] = name;
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) {
        size_t n;
        double *x;

        snprintf(path, sizeof path, "%s/%s.txt", folder, names[i]);
        x = read_values(path, &n);
        people = json_object_get(labels, names[i]);
        if (n && json_object_size(people)) {
            add_series(&half[i % 2], people, x, n);
            add_series(&all, people, x, n);
        }
        free(x);
    }
    printf("%s\n", folder);
    print_agreement("every other series by name, from the first", &half[0]);
    print_agreement("the others", &half[1]);
    print_agreement("all", &all);
    free(names);
    json_decref(labels);
    return true;
}

int main(void)
{
    const char *data = getenv("CHANGES_DATA");
    bool fine = false_alarms();

    fine = power() && fine;
    fine = speed() && fine;
    if (data && *data) {
        char *folders = mem_copy(data), *rest = folders, *folder;

        while ((folder = strsep(&rest, ":")))
            fine = agree(folder) && fine;
        free(folders);
    }
    return !fine;
}
