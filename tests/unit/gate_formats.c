/*
 * What the gate says of one eventful night, in every format. Golden outputs are in tests/golden/gate.*; UPDATE_GOLDEN=1 writes
 * them anew.
 */
#include "gate_fixture.h"

#include "../../harness/base/file.h"

#include <jansson.h>

/* Two nights with one of everything. */
static void eventful(void)
{
    struct act acts[9] = {usual[0], usual[1], usual[2]};

    acts[3] = (struct act){"triad/serial:cache=warm,size=4096", "triad", "serial", NULL, NULL, 5e3, 2e4, 0, false, 0};
    acts[4] = (struct act){"triad/openmp:size=4096", "triad", "openmp", NULL, NULL, 5e3, 2e4, 0, false, 0};
    acts[5] = (struct act){"triad/simd:size=4096", "triad", "simd", NULL, NULL, 5e3, 2e4, 0, false, 0};
    acts[6] = (struct act){"triad/<b>|&\"x\":size=1", "triad", "<b>|&\"x\"", NULL, NULL, 5e3, 2e4, 0, false, 0};
    acts[7] = (struct act){"triad/odd:size=4096", "triad", "odd", NULL, NULL, 5e3, 2e4, 0, false, 0};
    night(&(struct night){.acts = acts, .count = 8});
    check();
    acts[0].instructions *= 1.03;
    acts[1].instructions *= 1.05;
    acts[2].instructions *= 0.5;
    acts[3].time *= 1.25;
    acts[4].status = LAUNCH_CRASHED;
    acts[5].status = LAUNCH_WRONG;
    acts[6].kernel_version = "2";
    acts[7].time *= 1.1;
    acts[8] = (struct act){"triad/new:size=1", "triad", "new", NULL, NULL, 5e3, 2e4, 0, false, 0};
    night(&(struct night){.acts = acts,
                          .count = 9,
                          .commit = "2222222222222222222222222222222222222222",
                          .binary = "cafe",
                          .release = "6.12"});
}

static void golden(const char *name, const struct gate *g, void (*writer)(const struct gate *, struct buf *))
{
    struct buf b = {0};
    char *path, *wanted;
    struct err e = {0};

    path = mem_format("%s/tests/golden/gate.%s", getenv("TOP") ? getenv("TOP") : ".", name);
    writer(g, &b);
    if (getenv("UPDATE_GOLDEN"))
        assert_int_equal(file_replace(path, buf_text(&b), b.length, &e), 0);
    wanted = file_read(path, NULL, &e);
    if (!wanted || strcmp(wanted, buf_text(&b)))
        fail_msg("%s is not what was written (%s):\n%s", path, e.text, buf_text(&b));
    free(wanted);
    free(path);
    buf_free(&b);
}

/* Judged, but with a date that does not change. */
static void judge(struct gate *g, struct gate_options *o)
{
    FINE(gate_open(g, o, true, e) || gate_judge(g, e) || gate_recount(g, e) || gate_confirm(g, false, e) ||
         gate_streaks(g, e) || gate_accept_first(g, e));
    gate_group(g);
    gate_conclude(g);
    FINE(gate_past_load(g, e));
    assert_int_equal(g->exit_code, CM_WRONG);
    g->candidate.started = 1700000000;
}

static void every_format_says_the_same(void **state)
{
    struct gate_options o = usual_options;
    struct buf text = {0};
    json_error_t why;
    struct gate g;
    json_t *root;

    (void)state;
    eventful();
    o.why = true;
    judge(&g, &o);
    golden("txt", &g, gate_write_text);
    golden("table.txt", &g, gate_write_table);
    golden("md", &g, gate_write_markdown);
    o.why = false; /* then what is ambiguous takes a line */
    golden("brief.txt", &g, gate_write_text);
    golden("brief.md", &g, gate_write_markdown);
    golden("junit.xml", &g, gate_write_junit);
    golden("github.txt", &g, gate_write_github);
    gate_write_json(&g, &text);
    root = json_loads(buf_text(&text), 0, &why);
    assert_non_null(root);
    assert_int_equal(json_integer_value(json_object_get(root, "version")), 1);
    assert_int_equal(json_integer_value(json_object_get(root, "exit")), CM_WRONG);
    assert_int_equal(json_array_size(json_object_get(root, "findings")), g.finding_count);
    assert_int_equal(json_array_size(json_object_get(root, "comparisons")), g.item_count);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(root, "findings"), 0), "verdict")), "wrong");
    json_decref(root);
    buf_free(&text);
    gate_free(&g);
}

/* The ledger excuses the regression, one of its entries is out of date, and all formats say so. */
static void every_format_tells_the_ledger(void **state)
{
    struct gate_options o = usual_options;
    struct gate g;

    (void)state;
    eventful();
    judge(&g, &o);
    g.findings[1].ledger = mem_copy("ignored until 2099-12-31: <known> & @everybody, see https://x");
    g.findings[1].excused = true;
    VEC_ROOM(g.ledger_notes, g.ledger_note_count, g.ledger_note_capacity);
    g.ledger_notes[g.ledger_note_count++] = mem_copy("entry 7 (ignore triad/*) expired on 2020-01-01: \"later\"");
    golden("ledger.txt", &g, gate_write_text);
    golden("ledger.md", &g, gate_write_markdown);
    golden("ledger.junit.xml", &g, gate_write_junit);
    golden("ledger.github.txt", &g, gate_write_github);
    gate_free(&g);
}

static void write_worst(const struct gate *g, struct buf *out)
{
    gate_write_picture(&g->findings[1], out);
}

static void write_failed(const struct gate *g, struct buf *out)
{
    gate_write_picture(&g->findings[2], out);
}

/* Of a slow week: the past, both nights' launches, names that are no markup; and of what gave no value. */
static void pictures_show_past_and_launches(void **state)
{
    struct gate_options o = usual_options;
    struct gate g;

    (void)state;
    night(&quiet);
    night(&quiet);
    night(&quiet);
    eventful();
    judge(&g, &o);
    assert_true(gate_has_picture(&g.findings[1]));
    assert_true(g.findings[1].past_count >= 4);
    assert_true(g.findings[1].past[g.findings[1].past_count - 1].value == g.findings[1].shown->new_value);
    golden("slower.svg", &g, write_worst);
    golden("failed.svg", &g, write_failed);
    gate_free(&g);
}

static size_t occurrences(const struct buf *b, const char *words)
{
    size_t n = 0;

    for (const char *at = strstr(buf_text(b), words); at; at = strstr(at + 1, words))
        n++;
    return n;
}

/* Thirty regressions: the worst in full, the others in a line each; no more annotations than are shown, and no command in the rest. */
static void long_lists_stay_short(void **state)
{
    struct gate_options o = usual_options;
    struct act acts[30];
    char variants[30][40], points[30][60];
    struct buf b = {0};
    struct gate g;

    (void)state;
    for (size_t i = 0; i < 30; i++) {
        snprintf(variants[i], sizeof variants[i], "v%zu##[add-mask]x", i);
        snprintf(points[i], sizeof points[i], "triad/v%zu##[add-mask]x:size=1", i);
        acts[i] = (struct act){points[i], "triad", variants[i], NULL, NULL, 1e6, 4e6, 0, false, 0};
    }
    night(&(struct night){.acts = acts, .count = 30, .launches = 2});
    check();
    for (size_t i = 0; i < 30; i++)
        acts[i].instructions *= 1.5 - (double)i / 100;
    night(&(struct night){.acts = acts, .count = 30, .launches = 2});
    FINE(gate_open(&g, &o, true, e) || gate_judge(&g, e));
    gate_group(&g);
    gate_conclude(&g);
    gate_write_text(&g, &b);
    assert_int_equal(occurrences(&b, "    again: "), 12);
    assert_int_equal(occurrences(&b, "    F13 triad/v12##[add-mask]x slower: "), 1);
    buf_clear(&b);
    gate_write_markdown(&g, &b);
    assert_true(b.length < 65536);
    assert_true(strstr(buf_text(&b), "### F1: slower, triad/v0") < strstr(buf_text(&b), "### F2: "));
    buf_clear(&b);
    gate_write_github(&g, &b);
    assert_int_equal(occurrences(&b, "::error "), 10);
    assert_int_equal(occurrences(&b, "also error: "), 20);
    assert_int_equal(strncmp(buf_text(&b), "::error title=countermark%3A triad/v0", 37), 0);
    assert_null(strstr(strstr(buf_text(&b), "also error: "), "##["));
    buf_free(&b);
    gate_free(&g);
}

/* Bytes that are no UTF-8, or that XML does not know, would make readers refuse the document. */
static void foreign_text_stays_xml(void **state)
{
    struct buf b = {0};

    (void)state;
    gate_add_xml(
        &b,
        "a<b>&\"'\x01\x7f \xc3\xa9 \xff \xc0\xaf \xed\xa0\x80 \xef\xbf\xbf \xf0\x9f\x98\x80 \xf4\x90\x80\x80 \xe2\x82");
    assert_string_equal(buf_text(&b), "a&lt;b&gt;&amp;&quot;&#39; ? \xc3\xa9 ? ?? ??? ??? \xf0\x9f\x98\x80 ???? ??");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(every_format_says_the_same), TEST(every_format_tells_the_ledger),
                                       TEST(pictures_show_past_and_launches), TEST(long_lists_stay_short),
                                       cmocka_unit_test(foreign_text_stays_xml)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    free(story);
    buf_free(&said);
    return failed;
}
