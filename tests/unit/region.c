/* Which part of a sweep changed, in words, and where curves bend. */
#include "../../reports/analysis/region.h"
#include "../../harness/base/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 64 };

struct sweep {
    struct region_point points[MOST];
    char texts[MOST][80];
    size_t count;
};

static void add(struct sweep *s, const char *text, bool changed)
{
    snprintf(s->texts[s->count], sizeof s->texts[0], "%s", text);
    s->points[s->count] = (struct region_point){s->texts[s->count], NAN, NAN, changed, false};
    s->count++;
}

/* k/v over size = 16 ... 16384 and threads = 1, 2, 4; changed where both are large enough. */
static void grid(struct sweep *s, int size_from, int threads_from)
{
    s->count = 0;
    for (int size = 16; size <= 16384; size *= 4)
        for (int threads = 1; threads <= 4; threads *= 2) {
            char text[80];

            snprintf(text, sizeof text, "k/v:size=%d,threads=%d", size, threads);
            add(s, text, size >= size_from && threads >= threads_from);
        }
}

static void says(const struct sweep *s, const char *wanted)
{
    char *words = region_words(s->points, s->count);

    assert_string_equal(words, wanted);
    free(words);
}

static void boxes(void **state)
{
    struct sweep s;

    (void)state;
    grid(&s, 0, 0);
    says(&s, "");
    grid(&s, 99999, 0);
    says(&s, "");
    grid(&s, 1024, 2);
    says(&s, "size >= 1024 and threads >= 2");
    grid(&s, 1024, 0);
    says(&s, "size >= 1024");
    grid(&s, 0, 4);
    says(&s, "threads = 4");
    for (size_t p = 0; p < s.count; p++)
        s.points[p].changed = p < 6;
    says(&s, "size <= 64");
    for (size_t p = 0; p < s.count; p++)
        s.points[p].changed = p >= 3 && p < 9;
    says(&s, "size 64 to 256");
    for (size_t p = 0; p < s.count; p++)
        s.points[p].changed = p == 4;
    says(&s, "size = 64 and threads = 2");
}

static void strays(void **state)
{
    struct sweep s;

    (void)state;
    grid(&s, 256, 0); /* 12 of 18 */
    s.points[0].changed = true;
    says(&s, "size >= 256 and 1 more");
    s.points[0].changed = false;
    s.points[10].changed = false;
    says(&s, "size >= 256 (11 of the 12 points there)");
    s.points[10].blind = true;
    says(&s, "size >= 256");
    for (size_t p = 0; p < s.count; p++)
        s.points[p] = (struct region_point){s.texts[p], NAN, NAN, p % 2 == 0 && p % 3 != 2, false};
    says(&s, "6 of 18 points");
}

static void words_of_words(void **state)
{
    static const char *const schedules[] = {"static", "dynamic", "guided", "auto"};
    struct sweep s = {.count = 0};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (int size = 16; size <= 64; size *= 2) {
            char text[80];

            snprintf(text, sizeof text, "k/v:schedule=%s,size=%d", schedules[i], size);
            add(&s, text, i == 1);
        }
    says(&s, "schedule = dynamic");
    for (size_t p = 0; p < s.count; p++)
        s.points[p].changed = p / 3 < 2;
    says(&s, "schedule = dynamic or static");
    for (size_t p = 0; p < s.count; p++)
        s.points[p].changed = p / 3 != 2;
    says(&s, "schedule is not guided");
    s.count = 0;
    add(&s, "k/v:bytes=512", false);
    add(&s, "k/v:bytes=4K", false);
    add(&s, "k/v:bytes=1M", true);
    says(&s, "bytes = 1M");
    s.count = 0;
    add(&s, "k/v", true);
    says(&s, "");
    add(&s, "k/v:cache=cold", false); /* an axis that was added later */
    says(&s, "cache = default");
}

/* Time of one pass over `size` bytes: dearer beyond `capacity`. */
static double cost(double size, double capacity)
{
    return size * (size > capacity ? 3 : 1);
}

static void knees(void **state)
{
    double x[12], y[12];
    size_t at = 0;

    (void)state;
    for (int i = 0; i < 12; i++) {
        x[i] = ldexp(1024, i);
        y[i] = cost(x[i], 65536) * (1 + 0.02 * (i % 3 - 1));
    }
    assert_true(knee_find(x, y, 12, &at));
    assert_int_equal(at, 7); /* 128 KiB is the first beyond 64 KiB */
    for (int i = 0; i < 12; i++)
        y[i] = fmin(x[i], 32768); /* a bend */
    assert_true(knee_find(x, y, 12, &at));
    assert_in_range(at, 5, 6);
    for (int i = 0; i < 12; i++)
        y[i] = x[i] * x[i] * (1 + 0.02 * (i % 3 - 1));
    assert_false(knee_find(x, y, 12, &at));
    for (int i = 0; i < 12; i++)
        y[i] = 7;
    assert_false(knee_find(x, y, 12, &at));
    assert_false(knee_find(x, y, 5, &at));
    for (int i = 0; i < 6; i++)
        y[i] = i < 3 ? 1 : 2;
    assert_true(knee_find(x, y, 6, &at)); /* the fewest points that have one */
    assert_int_equal(at, 3);
    for (int i = 0; i < 12; i++)
        y[i] = 7 * (1 + 0.06 * (i >= 6)) * (1 + 0.003 * (i % 2)); /* seen clearly, but too little to be one */
    assert_false(knee_find(x, y, 12, &at));
    for (int i = 0; i < 12; i++)
        y[i] = 1 + 0.2 * (i * 7 % 5); /* what scatters so fits two lines hardly better than one */
    assert_false(knee_find(x, y, 12, &at));
}

static void knee_moves(void **state)
{
    struct sweep s = {.count = 0};
    char *words;

    (void)state;
    for (int threads = 1; threads <= 2; threads++)
        for (int i = 0; i < 12; i++) {
            double size = ldexp(1024, i);
            char text[80];

            snprintf(text, sizeof text, "k/v:size=%.0f,threads=%d", size, threads);
            add(&s, text, size > 65536 && size <= 262144);
            s.points[s.count - 1].before = cost(size, 262144);
            s.points[s.count - 1].after = cost(size, 65536);
        }
    words = region_knee_words(s.points, s.count);
    assert_non_null(words);
    assert_string_equal(words, "the knee over size moved from 524288 to 131072");
    free(words);
    says(&s, "size 131072 to 262144");
    for (size_t p = 0; p < s.count; p++)
        s.points[p].after = s.points[p].before * 1.04;
    words = region_knee_words(s.points, s.count);
    assert_null(words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes), cmocka_unit_test(strays),     cmocka_unit_test(words_of_words),
        cmocka_unit_test(knees), cmocka_unit_test(knee_moves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
