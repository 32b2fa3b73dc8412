/*
 * Modules: those inside this program are loaded and have all functions; everything that can be wrong with one has its sentence.
 * Shared objects of tests/tools serve as modules that are wrong.
 */
#include "../../harness/module.h"
#include "../../harness/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct bytes {
    unsigned char *data;
    size_t size;
};

/* A shared object of tests/tools. Skips the test where nobody told where things were built. */
static struct bytes tool(const char *name)
{
    const char *build = getenv("BUILD");
    char path[4096];
    struct stat about;
    struct bytes b;
    FILE *f;

    if (!build)
        skip();
    snprintf(path, sizeof path, "%s/tests/tools/%s.so", build, name);
    f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fstat(fileno(f), &about), 0);
    b.size = (size_t)about.st_size;
    b.data = mem_new(b.size, 1);
    assert_int_equal(fread(b.data, 1, b.size, f), b.size);
    fclose(f);
    return b;
}

static void refused(struct bytes b, const char *wanted)
{
    struct err e = {0};

    assert_null(module_open("null/tried", b.data, b.data + b.size, &e));
    assert_int_equal(e.code, CM_NOTHING);
    if (!strstr(e.text, wanted))
        fail_msg("\"%s\" lacks \"%s\"", e.text, wanted);
}

/* Every module of this build, whether or not there is a GPU. */
static void test_all_load(void **state)
{
    size_t count = 0;

    (void)state;
    for (const struct registry_variant *row = registry_variants; row->name; row++) {
        struct variant got;
        struct err e = {0};

        if (!row->variant->module || row->missing)
            continue;
        count++;
        if (module_load(row, &got, &e))
            fail_msg("%s", e.text);
        assert_non_null(got.prepare);
        assert_non_null(got.run);
        assert_non_null(got.sync);
        assert_non_null(got.figures);
        assert_non_null(got.finish);
        assert_string_equal(got.summary, row->variant->summary);
        assert_int_equal(got.device, row->variant->device);
    }
    print_message("# %zu modules, made by nvcc %s\n", count,
                  *registry_cuda ? registry_cuda : "(none: built without CUDA)");
    assert_true(!*registry_cuda == !count);
}

/* Two modules are two, though the loader knows them by numbers; and the same one is loaded once. */
static void test_not_mixed_up(void **state)
{
    const struct registry_variant *first = NULL, *second = NULL;
    struct variant a, b, again;
    struct err e = {0};

    (void)state;
    for (const struct registry_variant *row = registry_variants; row->name; row++)
        if (row->variant->module && !row->missing) {
            second = first;
            first = row;
        }
    if (!second)
        skip();
    assert_int_equal(module_load(first, &a, &e), 0);
    assert_int_equal(module_load(second, &b, &e), 0);
    assert_int_equal(module_load(first, &again, &e), 0);
    assert_ptr_not_equal(a.run, b.run);
    assert_ptr_equal(a.run, again.run);
}

static void test_missing(void **state)
{
    static const struct variant variant = {.abi = VARIANT_ABI, .module = true};
    struct registry_variant row = {"null", "nowhere", &variant, "built without CUDA (CUDA=0)", "", ""};
    struct variant got;
    struct err e = {0};

    (void)state;
    assert_int_equal(module_load(&row, &got, &e), -1);
    assert_string_equal(e.text, "built without CUDA (CUDA=0)");
    err_clear(&e);
    row.missing = NULL;
    assert_int_equal(module_load(&row, &got, &e), -1);
    assert_string_equal(e.text, "its module is not part of this program");
}

static void test_no_functions(void **state)
{
    struct bytes b = tool("libpapi");

    (void)state;
    refused(b, "null/tried was loaded, but does not define variant_module");
    free(b.data);
}

static void test_other_abi(void **state)
{
    struct bytes b = tool("libmodule_other");
    char wanted[120];

    (void)state;
    snprintf(wanted, sizeof wanted, "was made for version 1 of variant.h, this program has %d: build it anew",
             VARIANT_ABI);
    refused(b, wanted);
    free(b.data);
}

static void test_no_shared_object(void **state)
{
    unsigned char text[] = "this is no shared object, but long enough to hold the header of one, and more than that";

    (void)state;
    refused((struct bytes){text, sizeof text}, "null/tried cannot be loaded: invalid ELF header");
    refused((struct bytes){text, 0}, "null/tried cannot be loaded: file too short");
}

/* The module wants a library that nobody has: the system's, under another name. */
static void test_library_missing(void **state)
{
    struct bytes b = tool("libpapi");
    unsigned char *at = memmem(b.data, b.size, "libc.so.6", 10);

    (void)state;
    if (!at)
        skip();
    memcpy(at, "libq.so.6", 10);
    refused(b, "null/tried cannot be loaded: libq.so.6: cannot open shared object file");
    free(b.data);
}

/* In a process that may open nothing more. */
static void test_no_file_in_memory(void **state)
{
    pid_t child = fork();
    int status;

    (void)state;
    if (!child) {
        struct rlimit none = {0, 0};
        struct err e = {0};

        setrlimit(RLIMIT_NOFILE, &none);
        module_open("null/tried", NULL, NULL, &e);
        _exit(!strstr(e.text, "null/tried cannot be loaded: the system refuses a file in memory (memfd_create: "));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_load),        cmocka_unit_test(test_not_mixed_up),
        cmocka_unit_test(test_missing),         cmocka_unit_test(test_no_functions),
        cmocka_unit_test(test_other_abi),       cmocka_unit_test(test_no_shared_object),
        cmocka_unit_test(test_library_missing), cmocka_unit_test(test_no_file_in_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
