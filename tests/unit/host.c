/* The host: parsers on recorded text, names, fingerprints, scripted facts, kept programs. */
#include "../../harness/base/file.h"
#include "../../harness/base/text.h"
#include "../../harness/host_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char xeon[] = "processor\t: 0\n"
                           "vendor_id\t: GenuineIntel\n"
                           "cpu family\t: 6\n"
                           "model\t\t: 143\n"
                           "model name\t: Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz\n"
                           "stepping\t: 8\n"
                           "microcode\t: 0xffffffff\n"
                           "cpu MHz\t\t: 2699.998\n"
                           "flags\t\t: fpu vme sse2 ht avx2 smep avx512f amx_tile md_clear\n"
                           "\n"
                           "processor\t: 1\n"
                           "model name\t: something else\n";
static const char neoverse[] = "processor\t: 0\n"
                               "BogoMIPS\t: 50.00\n"
                               "Features\t: fp asimd evtstrm aes crc32 atomics sve\n"
                               "CPU implementer\t: 0x41\n"
                               "CPU architecture: 8\n"
                               "CPU variant\t: 0x1\n"
                               "CPU part\t: 0xd40\n"
                               "CPU revision\t: 1\n";

static void cpus_are_recognised(void **state)
{
    struct facts machine = {0}, environment = {0};
    struct fact *m, *v;

    (void)state;
    host_parse_cpuinfo(xeon, &machine, &environment);
    m = facts_take(&machine);
    v = facts_take(&environment);
    assert_string_equal(host_fact(m, "cpu.model"), "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz");
    assert_string_equal(host_fact(m, "cpu.vendor"), "GenuineIntel");
    assert_string_equal(host_fact(m, "cpu.model_number"), "143");
    assert_string_equal(host_fact(m, "cpu.flags"), "amx_tile avx2 avx512f sse2");
    assert_null(host_fact(m, "microcode"));
    assert_string_equal(host_fact(v, "microcode"), "0xffffffff");
    facts_free(m);
    facts_free(v);
    host_parse_cpuinfo(neoverse, &machine, &environment);
    m = facts_take(&machine);
    v = facts_take(&environment);
    assert_string_equal(host_fact(m, "cpu.vendor"), "0x41");
    assert_string_equal(host_fact(m, "cpu.model_number"), "0xd40");
    assert_string_equal(host_fact(m, "cpu.flags"), "aes asimd atomics crc32 sve");
    assert_null(v->name);
    facts_free(m);
    facts_free(v);
    host_parse_cpuinfo("", &machine, &environment);
    assert_null(machine.items);
}

static void names_are_short_and_safe(void **state)
{
    static const struct {
        const char *model, *name;
    } rows[] = {
        {"Intel(R) Xeon(R) Processor", "xeon"},
        {"Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz", "xeon-platinum-8481c"},
        {"Intel(R) Core(TM) i7-12700K", "i7-12700k"},
        {"12th Gen Intel(R) Core(TM) i9-12900H", "i9-12900h"},
        {"AMD EPYC 7B13 64-Core Processor", "epyc-7b13"},
        {"AMD Ryzen 9 7950X 16-Core Processor", "ryzen-9-7950x"},
        {"AMD EPYC-Milan Processor", "epyc-milan"},
        {"Evil; $(reboot) `name` / ../x", "evil-reboot-name"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[64];

        host_short_model(rows[i].model, name, sizeof name);
        assert_string_equal(name, rows[i].name);
    }
}

static void a_machine_is_named_after_its_hardware(void **state)
{
    static const struct {
        const char *model, *cores, *l2, *l3, *name;
    } rows[] = {
        {"Intel(R) Xeon(R) Processor", "2", "2097152", "503316480", "xeon-2c-l3-480m"},
        {"AMD EPYC 7B13 64-Core Processor", "8", "524288", "33554432", "epyc-7b13-8c-l3-32m"},
        {NULL, "4", "524288", NULL, "cpu-4c-l2-512k"},
        {NULL, NULL, NULL, NULL, "cpu-0c"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct facts f = {0};
        struct fact *list;
        char *name;

        facts_set(&f, "cpu.model", rows[i].model);
        facts_set(&f, "core.count", rows[i].cores);
        facts_set(&f, "cache.L2.bytes", rows[i].l2);
        facts_set(&f, "cache.L3.bytes", rows[i].l3);
        list = facts_take(&f);
        name = host_make_name(list);
        assert_string_equal(name, rows[i].name);
        assert_true(text_is_name(name));
        free(name);
        facts_free(list);
    }
}

static void settings_are_read(void **state)
{
    static const struct {
        const char *text, *value;
    } rows[] = {
        {"always [madvise] never\n", "madvise"}, {"performance\n", "performance"}, {"2\n", "2"}, {"", ""}, {"[", "["}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char value[32];

        assert_string_equal(host_parse_choice(rows[i].text, value, sizeof value), rows[i].value);
    }
}

static void facts_are_sorted_and_replaced(void **state)
{
    struct facts f = {0};
    char one[17], two[17], three[17], four[17];
    struct fact *list;

    (void)state;
    facts_set(&f, "b", "2");
    facts_set(&f, "a", "1");
    facts_set(&f, "b", "3");
    facts_set(&f, "empty", "");
    facts_set(&f, "null", NULL);
    list = facts_take(&f);
    assert_string_equal(list[0].name, "a");
    assert_string_equal(list[1].value, "3");
    assert_null(list[2].name);
    fact_fingerprint(list, NULL, one);
    fact_fingerprint(list, NULL, two);
    assert_string_equal(one, two);
    assert_int_equal(strlen(one), 16);
    list[1].value[0] = '4';
    fact_fingerprint(list, NULL, three);
    assert_string_not_equal(one, three);
    fact_fingerprint(list, list, four);
    assert_string_not_equal(three, four);
    facts_free(list);
    list = facts_take(&f);
    assert_null(list[0].name);
    facts_free(list);
}

static void this_host_is_stable(void **state)
{
    struct host one, two;
    struct err e = {0};

    (void)state;
    assert_int_equal(host_read(&one, NULL, NULL, NULL, &e), 0);
    assert_int_equal(host_read(&two, "mine", "fleet", NULL, &e), 0);
    assert_string_equal(one.fingerprint, two.fingerprint);
    assert_string_equal(one.machine_fingerprint, two.machine_fingerprint);
    assert_string_equal(one.binary_hash, two.binary_hash);
    assert_true(text_is_name(one.machine_name));
    assert_string_equal(two.machine_name, "mine");
    assert_string_equal(two.machine_class, "fleet");
    assert_true(one.cpus >= 1 && one.memory_bytes > 1 << 20);
    assert_non_null(host_fact(one.machine, "cpu.count"));
    assert_non_null(host_fact(one.environment, "kernel.release"));
    assert_non_null(host_fact(one.environment, "library.libc"));
    host_free(&one);
    host_free(&two);
}

static void odd_names_are_refused(void **state)
{
    struct host h;
    struct err e = {0};

    (void)state;
    assert_int_equal(host_read(&h, "../up", NULL, NULL, &e), -1);
    assert_int_equal(e.code, CM_USAGE);
    err_clear(&e);
    assert_int_equal(host_read(&h, NULL, "a b", NULL, &e), -1);
    assert_int_equal(e.code, CM_USAGE);
    assert_null(h.machine_name);
}

static void scripts_replace_facts(void **state)
{
    static const char script[] =
        "{\"facts\": {\"cpu.model\": \"AMD EPYC 7B13 64-Core Processor\", \"core.count\": \"8\","
        "\"cache.L3.bytes\": \"33554432\", \"governor\": \"performance\", \"commit\": \"abc\","
        "\"branch\": \"topic\", \"dirty\": \"0\", \"commit_time\": \"77\", \"subject\": \"s\"}}";
    struct host plain, h;
    struct err e = {0};

    (void)state;
    assert_int_equal(file_replace("script.json", script, sizeof script - 1, &e), 0);
    assert_int_equal(host_read(&plain, NULL, NULL, NULL, &e), 0);
    assert_int_equal(host_read(&h, NULL, NULL, "script.json", &e), 0);
    assert_string_equal(h.machine_name, "epyc-7b13-8c-l3-32m");
    assert_true(h.cache_bytes[3] == 33554432);
    assert_string_equal(host_fact(h.environment, "governor"), "performance");
    assert_null(host_fact(h.environment, "cpu.model"));
    assert_null(host_fact(h.machine, "governor"));
    assert_string_equal(h.commit, "abc");
    assert_string_equal(h.branch, "topic");
    assert_true(h.commit_time == 77 && !h.dirty);
    assert_string_not_equal(h.fingerprint, plain.fingerprint);
    host_free(&plain);
    host_free(&h);
    assert_int_equal(file_replace("script.json", "{", 1, &e), 0);
    assert_int_equal(host_read(&h, NULL, NULL, "script.json", &e), -1);
}

static void programs_are_kept(void **state)
{
    struct host h = {.binary_hash = (char *)"0123456789abcdef"};
    struct err e = {0};
    struct stat s;
    char *path;

    (void)state;
    assert_null(host_kept_program("x.db", "0123456789abcdef"));
    assert_int_equal(host_keep_program(&h, "x.db", &e), 0);
    path = host_kept_program("x.db", "0123456789abcdef");
    assert_string_equal(path, "x.db.builds/0123456789abcdef/countermark");
    assert_int_equal(stat(path, &s), 0);
    assert_true(s.st_mode & S_IXUSR);
    free(path);
    assert_int_equal(host_keep_program(&h, "x.db", &e), 0);
    /* A hash from a foreign database is no path. */
    assert_null(host_kept_program("x.db", "../x.db.builds/0123456789abcdef"));
    assert_null(host_kept_program("x.db", ""));
    assert_null(host_kept_program("x.db", NULL));
    h.binary_hash = (char *)"../up";
    assert_int_equal(host_keep_program(&h, "x.db", &e), -1);
}

static void shell(const char *command)
{
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): fixed commands */
}

static struct host read_host(void)
{
    struct host h;
    struct err e = {0};

    assert_int_equal(host_read(&h, NULL, NULL, NULL, &e), 0);
    return h;
}

static void the_commit_is_git_s(void **state)
{
    static const struct {
        const char *change;
        bool dirty;
    } rows[] = {
        {"true", false},
        {"echo >results.db; mkdir -p report && echo >report/index.html", false},
        {"echo 'int x;' >new.c", true},
        {"rm new.c; mkdir -p a/b && echo 'int x;' >a/b/new.h", true},
        {"rm -r a; echo more >>file", true},
        {"git checkout -q file; git rm -q --cached file", true},
        {"git reset -q --hard", false},
    };
    struct host h;

    (void)state;
    shell("mkdir repo && cd repo && git init -q -b 'topic/one' && echo text >file && git add file &&"
          "git -c user.name=n -c user.email=e -c commit.gpgsign=false commit -q -m 'Say \"$(date)\"; done' && "
          "git rev-parse HEAD >../hash");
    assert_int_equal(chdir("repo"), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        shell(rows[i].change);
        h = read_host();
        if (h.dirty != rows[i].dirty)
            fail_msg("%s: %s", rows[i].change, h.dirty ? "dirty" : "clean");
        host_free(&h);
    }
    h = read_host();
    assert_int_equal(strlen(h.commit), 40);
    assert_string_equal(h.branch, "topic/one");
    assert_non_null(strstr(h.subject, "Say "));
    assert_true(h.commit_time > 1600000000);
    host_free(&h);
    /* A checkout without a branch, as build services make it. */
    shell("git checkout -q --detach");
    unsetenv("GITHUB_HEAD_REF");
    setenv("GITHUB_REF_NAME", "from-outside", 1);
    h = read_host();
    assert_string_equal(h.branch, "from-outside");
    host_free(&h);
    assert_int_equal(chdir(".."), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpus_are_recognised),
        cmocka_unit_test(names_are_short_and_safe),
        cmocka_unit_test(a_machine_is_named_after_its_hardware),
        cmocka_unit_test(settings_are_read),
        cmocka_unit_test(facts_are_sorted_and_replaced),
        cmocka_unit_test(this_host_is_stable),
        cmocka_unit_test(odd_names_are_refused),
        cmocka_unit_test(scripts_replace_facts),
        cmocka_unit_test(programs_are_kept),
        cmocka_unit_test(the_commit_is_git_s),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
