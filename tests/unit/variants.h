/*
 * For tests of kernels and variants: a problem set up as a worker would, one execution of a variant on it, and its verdict.
 * Variants are found through the generated table, so a new one is tested the day its file is there.
 */
#ifndef TESTS_UNIT_VARIANTS_H
#define TESTS_UNIT_VARIANTS_H

#include "harness/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define POISON 0xA5
#define TEST_CPUS "3" /* what CPUS stands for here: more than some machines have, which no variant may mind */

/* LLVM's OpenMP runtime keeps its threads' data to the end; with the address sanitizer that is no leak of ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libomp.so";
}

struct subject {
    const struct kernel *kernel;
    struct run run;
    struct value values[16];
    char texts[16][32];
    void *wanted; /* the reference result */
    struct work work;
};

static inline int subject_by_axis(const void *a, const void *b)
{
    return strcmp(((const struct value *)a)->axis, ((const struct value *)b)->axis);
}

/* `settings` is "size=300,maxiter=100"; the value of `axis` there, or its default. */
static inline void subject_value(const char *settings, const struct axis *axis, char *out, size_t size)
{
    size_t length = strlen(axis->name);

    snprintf(out, size, "%s", strcmp(axis->initial, "CPUS") ? axis->initial : TEST_CPUS);
    for (const char *p = settings; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
        if (!strncmp(p, axis->name, length) && p[length] == '=')
            snprintf(out, size, "%.*s", (int)strcspn(p + length + 1, ","), p + length + 1);
}

static inline int64_t subject_number(const char *text)
{
    char *end;
    long long n = strtoll(text, &end, 10);

    return *end == 'M' ? n << 20 : *end == 'K' ? n << 10 : n;
}

static inline void subject_axes(struct subject *s, const struct axis *axes, const char *settings)
{
    for (; axes && axes->name; axes++) {
        size_t i = s->run.value_count++;

        subject_value(settings, axes, s->texts[i], sizeof s->texts[i]);
        s->values[i] = (struct value){axes->name, s->texts[i], subject_number(s->texts[i])};
    }
}

/* Fills the values only. */
static inline void subject_describe(struct subject *s, const char *kernel, const struct variant *v,
                                    const char *settings)
{
    memset(s, 0, sizeof *s);
    s->kernel = registry_kernel(kernel)->kernel;
    subject_axes(s, s->kernel->axes, settings);
    subject_axes(s, v ? v->axes : NULL, settings);
    qsort(s->values, s->run.value_count, sizeof *s->values, subject_by_axis);
    s->run.values = s->values;
    s->run.seed = 7;
    s->run.cpus = 3;
}

static inline void subject_open(struct subject *s, const char *kernel, const struct variant *v, const char *settings)
{
    subject_describe(s, kernel, v, settings);
    if (s->kernel->setup(&s->run))
        fail_msg("%s: set-up: %s", settings, s->run.error);
    if (s->kernel->reference(&s->run, &s->work))
        fail_msg("%s: reference: %s", settings, s->run.error);
    s->wanted = malloc(s->run.output_bytes + 1);
    assert_non_null(s->wanted);
    if (s->run.output_bytes)
        memcpy(s->wanted, s->run.output, s->run.output_bytes);
}

static inline void subject_poison(struct subject *s)
{
    if (s->run.output_bytes)
        memset(s->run.output, POISON, s->run.output_bytes);
}

static inline void subject_close(struct subject *s)
{
    s->kernel->teardown(&s->run);
    assert_null(s->run.problem);
    free(s->wanted);
}

static inline struct verdict subject_verify(struct subject *s, double tolerance)
{
    struct verdict v = {.match = MATCH_WRONG};

    s->kernel->verify(&s->run, s->wanted, tolerance, &v);
    return v;
}

/* One execution after poisoning. False if the variant refuses to be prepared: its sentence is in s->run.error. */
static inline bool subject_execute(struct subject *s, const struct variant *v)
{
    s->run.state = NULL;
    *s->run.error = '\0';
    if (v->prepare && v->prepare(&s->run)) {
        assert_true(strlen(s->run.error) > 10);
        return false;
    }
    subject_poison(s);
    if (s->kernel->reset)
        s->kernel->reset(&s->run);
    if (v->run(&s->run))
        fail_msg("execution: %s", s->run.error);
    if (v->sync)
        v->sync(&s->run);
    if (v->finish)
        v->finish(&s->run);
    return true;
}

/* Executes and verifies a variant; whatever it declares must hold. False if it cannot run with these values. */
static inline bool subject_check(const struct registry_variant *row, const char *settings)
{
    const struct variant *v = row->variant;
    struct verdict verdict;
    struct subject s;
    bool ran;

    subject_open(&s, row->kernel, v, settings);
    ran = subject_execute(&s, v);
    if (ran) {
        verdict = subject_verify(&s, v->tolerance);
        if (verdict.match == MATCH_WRONG)
            fail_msg("%s/%s %s: %s", row->kernel, row->name, settings, verdict.text);
        if (v->tolerance <= 0)
            assert_int_equal(verdict.match, MATCH_SAME_BITS);
    }
    subject_close(&s);
    return ran;
}

/* These settings are refused when the problem is set up, in words that say what they must be. */
static inline void subject_refused(const char *kernel, const char *settings)
{
    struct subject s;

    subject_describe(&s, kernel, NULL, settings);
    assert_int_equal(s.kernel->setup(&s.run), -1);
    assert_non_null(strstr(s.run.error, "but must be"));
    assert_null(s.run.problem);
}

/* One byte of the result is wrong: that is found and told with these words; so is a result that was not written. */
static inline void subject_wrong(const char *kernel, const char *settings, double tolerance, size_t byte,
                                 const char *words)
{
    struct subject s;
    struct verdict v;

    subject_open(&s, kernel, NULL, settings);
    ((unsigned char *)s.run.output)[byte] ^= 0x40;
    v = subject_verify(&s, tolerance);
    assert_int_equal(v.match, MATCH_WRONG);
    assert_int_equal(v.deviations, 1);
    if (!strstr(v.text, words))
        fail_msg("%s", v.text);
    subject_poison(&s);
    v = subject_verify(&s, tolerance);
    assert_int_equal(v.match, MATCH_WRONG);
    assert_string_equal(v.text, "the output was not written");
    subject_close(&s);
}

/* An execution on arrays of which one ends at `end` and the next begins at `next`: the result is right, and what stands between them is
 * as it was. */
static inline void subject_stays_inside(struct subject *s, const struct variant *v, void *end, const void *next)
{
    unsigned char *p = end, *last = p + ((const unsigned char *)next - p);

    memset(p, 0x77, (size_t)(last - p));
    assert_true(subject_execute(s, v));
    assert_int_equal(subject_verify(s, 0).match, MATCH_SAME_BITS);
    for (; p < last; p++)
        assert_int_equal(*p, 0x77);
}

/* Why this variant cannot run here, or NULL. */
static inline const char *subject_reason(const struct registry_variant *row)
{
    if (row->missing)
        return row->missing;
    if (row->variant->module)
        return "its code is a module for a GPU: tests/cli/cuda_variants.sh";
    return row->variant->probe ? row->variant->probe() : NULL;
}

/* Every variant of the kernel that can run here, with these settings. */
static inline void subject_check_all(const char *kernel, const char *settings)
{
    int ran = 0;

    for (const struct registry_variant *row = registry_variants; row->name; row++) {
        const char *reason;

        if (strcmp(row->kernel, kernel))
            continue;
        reason = subject_reason(row);
        if (reason)
            print_message("%s/%s: %s\n", kernel, row->name, reason);
        else if (!subject_check(row, settings))
            fail_msg("%s/%s %s cannot be prepared", kernel, row->name, settings);
        else
            ran++;
    }
    assert_true(ran > 0);
}

#endif
