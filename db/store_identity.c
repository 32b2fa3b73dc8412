/* Identity: machines, environments, builds, points and metrics are found or created, each once per file. */
#include "store_internal.h"

#include "../harness/base/mem.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int store_writable(struct store *s, struct err *e)
{
    return s->mode == STORE_READ ? err_set(e, CM_INTERNAL, "%s was opened for reading only", s->path) : 0;
}

bool name_ok(const char *text)
{
    size_t i;

    for (i = 0; text[i]; i++)
        if (i == NAME_LIMIT || (unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return true;
}

int name_check(const char *what, const char *text, bool may_be_empty, struct err *e)
{
    if (!text || !*text)
        return may_be_empty ? 0 : err_set(e, CM_INTERNAL, "the %s is empty", what);
    if (!name_ok(text))
        return err_set(e, CM_USAGE, "the %s '%.60s' has control characters, or more than %d bytes: use another", what,
                       text, NAME_LIMIT);
    return 0;
}

/* Broken UTF-8 becomes question marks: facts come from files of the system and from options. */
static json_t *json_text(const char *text)
{
    json_t *value = json_string(text);
    char *copy, *c;

    if (value)
        return value;
    copy = mem_copy(text);
    for (c = copy; *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    value = json_string(copy);
    free(copy);
    return value;
}

/* Names sorted, compact; free(). */
static char *facts_json(const struct fact *facts)
{
    json_t *object = json_object();
    char *text;

    for (; facts && facts->name; facts++)
        json_object_set_new(object, facts->name, json_text(facts->value ? facts->value : ""));
    text = json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT);
    json_decref(object);
    return text ? text : mem_copy("{}");
}

/* Runs the look-up, else the insert, both with the same parameters bound. */
static int find_or_add(struct store *s, sqlite3_stmt *find, sqlite3_stmt *add, int64_t *id, bool *added, struct err *e)
{
    int code = sql_step(s, find, e, "looking up an identity");

    if (added)
        *added = false;
    if (code == SQL_ERROR)
        return -1;
    if (code == SQL_ROW) {
        *id = sqlite3_column_int64(find, 0);
        sqlite3_reset(find);
        return 0;
    }
    if (store_writable(s, e) || sql_do(s, add, e, "storing an identity"))
        return -1;
    *id = sqlite3_last_insert_rowid(s->db);
    if (added)
        *added = true;
    return 0;
}

int identity_machine(struct store *s, const char *name, const char *klass, const char *facts, int64_t *id,
                     struct err *e)
{
    sqlite3_stmt *q[2];
    int i;

    if (name_check("machine's name", name, false, e) || name_check("machine's class", klass, true, e))
        return -1;
    q[0] = sql_use(s, "SELECT id FROM machine WHERE name = ?1 AND class = ?2 AND facts = ?3", e);
    q[1] = sql_use(s, "INSERT INTO machine (name, class, facts) VALUES (?1, ?2, ?3)", e);
    if (!q[0] || !q[1])
        return -1;
    for (i = 0; i < 2; i++) {
        sql_bind_text(q[i], 1, name);
        sql_bind_text(q[i], 2, klass);
        sql_bind_text(q[i], 3, facts);
    }
    return find_or_add(s, q[0], q[1], id, NULL, e);
}

int store_machine(struct store *s, const struct machine_row *m, int64_t *id, struct err *e)
{
    char *facts = facts_json(m->facts);
    int result = identity_machine(s, m->name, m->klass, facts, id, e);

    free(facts);
    return result;
}

int identity_environment(struct store *s, const char *fingerprint, const char *facts, int64_t *id, struct err *e)
{
    sqlite3_stmt *find = sql_use(s, "SELECT id FROM environment WHERE fingerprint = ?1", e);
    sqlite3_stmt *add = sql_use(s, "INSERT INTO environment (fingerprint, facts) VALUES (?1, ?2)", e);

    if (!find || !add || name_check("environment's fingerprint", fingerprint, false, e))
        return -1;
    sql_bind_text(find, 1, fingerprint);
    sql_bind_text(add, 1, fingerprint);
    sql_bind_text(add, 2, facts);
    return find_or_add(s, find, add, id, NULL, e);
}

int store_environment(struct store *s, const struct environment_row *v, int64_t *id, struct err *e)
{
    char *facts = facts_json(v->facts);
    int result = identity_environment(s, v->fingerprint, facts, id, e);

    free(facts);
    return result;
}

int identity_build(struct store *s, const struct build_row *b, const char *facts, int64_t *id, struct err *e)
{
    sqlite3_stmt *q[2];
    int i;

    if (name_check("commit", b->commit, true, e) || name_check("branch", b->branch, true, e) ||
        name_check("program's hash", b->binary_hash, true, e))
        return -1;
    q[0] = sql_use(s,
                   "SELECT id FROM build WHERE commit_id = ?1 AND branch = ?2 AND dirty = ?5 AND compiler = ?6 AND "
                   "flags = ?7 AND binary_hash = ?8 AND facts = ?9",
                   e);
    q[1] = sql_use(
        s,
        "INSERT INTO build (commit_id, branch, subject, commit_time, dirty, compiler, flags, binary_hash, facts) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        e);
    if (!q[0] || !q[1])
        return -1;
    for (i = 0; i < 2; i++) {
        sql_bind_text(q[i], 1, b->commit);
        sql_bind_text(q[i], 2, b->branch);
        sql_bind_text(q[i], 3, b->subject);
        sqlite3_bind_int64(q[i], 4, b->commit_time);
        sqlite3_bind_int(q[i], 5, b->dirty);
        sql_bind_text(q[i], 6, b->compiler);
        sql_bind_text(q[i], 7, b->flags);
        sql_bind_text(q[i], 8, b->binary_hash);
        sql_bind_text(q[i], 9, facts);
    }
    return find_or_add(s, q[0], q[1], id, NULL, e);
}

int store_build(struct store *s, const struct build_row *b, int64_t *id, struct err *e)
{
    char *facts = facts_json(b->facts);
    int result = identity_build(s, b, facts, id, e);

    free(facts);
    return result;
}

/* The value as a number, if all of it is one: "1024", "0.5", not "4K" and not "nan". */
static bool axis_number(const char *text, double *number)
{
    char *end;

    if (!isdigit((unsigned char)*text) && !(strchr("+-.", *text) && *text))
        return false;
    *number = strtod(text, &end);
    return end != text && *end == '\0' && !strpbrk(text, "xXnNpP");
}

static int add_axes(struct store *s, int64_t point, const struct fact *axes, struct err *e)
{
    sqlite3_stmt *q;
    double number;

    for (; axes && axes->name; axes++) {
        q = sql_use(s, "INSERT INTO point_axis (point, axis, value, number) VALUES (?1, ?2, ?3, ?4)", e);
        if (!q)
            return -1;
        sqlite3_bind_int64(q, 1, point);
        sql_bind_text(q, 2, axes->name);
        sql_bind_text(q, 3, axes->value);
        if (axes->value && axis_number(axes->value, &number))
            sql_bind_number(q, 4, number);
        if (sql_do(s, q, e, "storing a point"))
            return -1;
    }
    return 0;
}

/* A point's: "" or "anchor". */
static bool role_ok(const char *role)
{
    return !*role || !strcmp(role, "anchor");
}

static int check_point_names(const struct point_row *p, struct err *e)
{
    const struct fact *axis;

    if (name_check("point", p->text, false, e) || name_check("kernel", p->kernel, false, e) ||
        name_check("variant", p->variant, false, e) || name_check("kernel's version", p->kernel_version, true, e) ||
        name_check("variant's version", p->variant_version, true, e) ||
        name_check("code's hash", p->code_hash, true, e))
        return -1;
    if (p->role && !role_ok(p->role))
        return err_set(e, CM_INTERNAL, "the point %.200s has the role '%.40s', which is none", p->text, p->role);
    for (axis = p->axes; axis && axis->name; axis++)
        if (name_check("axis", axis->name, false, e) || name_check("value of an axis", axis->value, true, e))
            return -1;
    return 0;
}

/* What a point is for follows from its kernel: the same identity with another role was changed by hand. */
static int check_role(struct store *s, const struct point_row *p, int64_t point, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "SELECT role FROM point WHERE id = ?1", e);
    const char *role = p->role ? p->role : "";
    int code, result = 0;

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, point);
    code = sql_step(s, q, e, "looking up an identity");
    if (code == SQL_ROW && strcmp(sql_text(q, 0), role) != 0)
        result = err_set(e, CM_INTERNAL, "%s: the point %.200s is known there with the role '%s', here it has '%.40s'",
                         s->path, p->text, sql_text(q, 0), role);
    sqlite3_reset(q);
    return code == SQL_ERROR ? -1 : result;
}

static int find_or_add_point(struct store *s, const struct point_row *p, int64_t *id, struct err *e)
{
    sqlite3_stmt *q[2];
    bool added;
    int i;

    if (check_point_names(p, e))
        return -1;
    q[0] = sql_use(s,
                   "SELECT id FROM point WHERE text = ?1 AND kernel_version = ?2 AND variant_version = ?3 AND "
                   "code_hash = ?4",
                   e);
    q[1] = sql_use(s,
                   "INSERT INTO point (text, kernel_version, variant_version, code_hash, kernel, variant, role) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                   e);
    if (!q[0] || !q[1])
        return -1;
    for (i = 0; i < 2; i++) {
        /* the look-up has only the first four: binding the others to it does nothing */
        sql_bind_text(q[i], 1, p->text);
        sql_bind_text(q[i], 2, p->kernel_version);
        sql_bind_text(q[i], 3, p->variant_version);
        sql_bind_text(q[i], 4, p->code_hash);
        sql_bind_text(q[i], 5, p->kernel);
        sql_bind_text(q[i], 6, p->variant);
        sql_bind_text(q[i], 7, p->role);
    }
    if (find_or_add(s, q[0], q[1], id, &added, e))
        return -1;
    return added ? add_axes(s, *id, p->axes, e) : check_role(s, p, *id, e);
}

int store_point(struct store *s, const struct point_row *p, int64_t *id, struct err *e)
{
    bool mine = false;

    if (s->mode != STORE_READ && txn_begin(s, &mine, e))
        return -1;
    return txn_end(s, mine, find_or_add_point(s, p, id, e), e);
}

int identity_quality(struct store *s, const char *text, int64_t *id, struct err *e)
{
    sqlite3_stmt *find, *add;

    if (cache_find(&s->qualities, text, id))
        return 0;
    find = sql_use(s, "SELECT id FROM quality WHERE text = ?1", e);
    add = sql_use(s, "INSERT INTO quality (text) VALUES (?1)", e);
    if (!find || !add)
        return -1;
    sql_bind_text(find, 1, text);
    sql_bind_text(add, 1, text);
    if (find_or_add(s, find, add, id, NULL, e))
        return -1;
    cache_add(&s->qualities, text, *id);
    return 0;
}
