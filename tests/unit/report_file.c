/* A report as a file: the comment that describes it, and what becomes of texts on their way to gnuplot and HTML. */
#include "../../reports/report_file.h"
#include "../../reports/report_page.h"
#include "../../reports/report_text.h"
#include "store_fixture.h"

static const char good[] = "# title: A title\n"
                           "# meaning: What it\n"
                           "#   means.\n"
                           "# scope: kernel headline\n"
                           "# order: 10\n"
                           "# query: SELECT 1 AS x\n"
                           "# reading: SELECT 'one'\n"
                           "# empty: SELECT 'none'\n"
                           "\n"
                           "plot x\n# title: no key here\n";

static void comment_is_read(void **state)
{
    struct report_file r;

    (void)state;
    FINE(report_file_parse(&r, "good", good, e));
    assert_string_equal(r.keys[REPORT_TITLE], "A title");
    assert_string_equal(r.keys[REPORT_MEANING], "What it\nmeans.");
    assert_string_equal(r.keys[REPORT_QUERY], "SELECT 1 AS x");
    assert_null(r.keys[REPORT_VARIABLES]);
    assert_int_equal(r.order, 10);
    assert_true(report_file_scope(&r, "kernel"));
    assert_true(report_file_scope(&r, "headline"));
    assert_false(report_file_scope(&r, "head"));
    assert_false(report_file_scope(&r, "machine"));
    report_file_free(&r);
}

/* `good` with one text replaced by another. */
static char *with(const char *what, const char *by)
{
    const char *at = strstr(good, what);

    assert_non_null(at);
    return mem_format("%.*s%s%s", (int)(at - good), good, by, at + strlen(what));
}

static void mistakes_are_named(void **state)
{
    static const struct {
        const char *what, *by, *words;
    } mistakes[] = {
        {"# title: A title\n", "", "no \"# title:\""},
        {"# order: 10", "# order: ten", "order \"ten\""},
        {"# order: 10", "# order: 10x", "order \"10x\""},
        {"# order", "# odrer", "line 5"},
        {"# empty", "# title", "title is given twice"},
        {"# scope: kernel headline", "# scope: kernel everywhere", "\"everywhere\""},
        {"# query: SELECT 1 AS x", "# query:", "no \"# query:\""},
        {"# title: A title", "#   astray\n# title: A title", "continues no key"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct report_file r;
        char *text = with(mistakes[i].what, mistakes[i].by);

        REFUSED(report_file_parse(&r, "bad", text, e), CM_INTERNAL, mistakes[i].words);
        free(text);
    }
}

static void broken_bytes_become_marks(void **state)
{
    static const char *const pairs[][2] = {
        {"\xc2\xb5s \xc3\x97 \xe2\x80\xa6 \xf0\x9f\x98\x80", "\xc2\xb5s \xc3\x97 \xe2\x80\xa6 \xf0\x9f\x98\x80"},
        {"a\xff"
         "b\xc3",
         "a?b?"},
        {"\xc0\xaf \xe0\x80\xaf", "?? ???"},
        {"\xed\xa0\x80", "???"},
        {"\xef\xbf\xbf", "???"},
        {"\xf4\x90\x80\x80", "????"},
        {"\xe2\x80", "??"},
        {"a\x01\nb\x7f", "a  b "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *text = report_clean(pairs[i][0]);

        assert_string_equal(text, pairs[i][1]);
        free(text);
    }
}

static void names_may_break_behind_commas(void **state)
{
    struct buf b = {0};

    (void)state;
    page_code(&b, "a:x=1,<y>=2");
    assert_string_equal(b.text, "<code>a:x=1,<wbr/>&lt;y&gt;=2</code>");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comment_is_read),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(broken_bytes_become_marks),
        cmocka_unit_test(names_may_break_behind_commas),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
