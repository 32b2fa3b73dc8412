/* Opening and closing: which file, is it ours, may we write, which journal fits its file system. */
#include "store_internal.h"

#include "../harness/base/file.h"
#include "../harness/base/log.h"
#include "../harness/base/mem.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* A run that ends and a reader that tidies up hold the lock for moments only. */
enum { write_wait_ms = 1000, update_wait_ms = 10000, tidy_wait_ms = 0 };

static int64_t newest_version(void)
{
    int64_t n = 0;

    while (asset_schema[n].name)
        n++;
    return n;
}

/* Absolute path with links resolved, so that two names of one file share one lock. */
static char *resolve(const char *path, struct err *e)
{
    char *whole = realpath(path, NULL), *folder, *slash, *result;

    if (whole)
        return whole;
    if (errno != ENOENT) {
        err_set(e, CM_USAGE, "%s cannot be reached (%s): name another file with --db", path, strerror(errno));
        return NULL;
    }
    folder = mem_copy(path);
    slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    whole = realpath(slash ? (*folder ? folder : "/") : ".", NULL);
    result = whole ? mem_format("%s/%s", strcmp(whole, "/") ? whole : "", slash ? slash + 1 : path) : NULL;
    if (!whole)
        err_set(e, CM_USAGE, "%s: there is no folder %s; create it (mkdir -p) or name another file with --db", path,
                slash ? folder : ".");
    free(folder);
    free(whole);
    return result;
}

static int look(const char *path, enum store_mode mode, struct err *e)
{
    struct stat st;

    if (!*path)
        return err_set(e, CM_USAGE, "the database's name is empty: name a file with --db");
    if (stat(path, &st)) {
        if (errno == ENOENT && mode != STORE_WRITE)
            return err_set(e, CM_USAGE,
                           "there is no database %s: `countermark run` makes one, or name another with --db", path);
        return 0; /* resolve() has the sentence for the rest */
    }
    if (S_ISDIR(st.st_mode))
        return err_set(e, CM_USAGE, "%s is a folder: name a file with --db", path);
    if (!S_ISREG(st.st_mode))
        return err_set(e, CM_USAGE, "%s is no regular file: name another with --db", path);
    if (access(path, R_OK))
        return err_set(e, CM_INTERNAL, "%s cannot be read (%s): make it readable, or name another file with --db", path,
                       strerror(errno));
    if (mode != STORE_READ && access(path, W_OK))
        return err_set(e, CM_INTERNAL, "%s cannot be written (%s): make it writable, or name another file with --db",
                       path, strerror(errno));
    return 0;
}

/* Shared memory between hosts does not exist, which is what SQLite's write-ahead log needs. */
bool store_network_magic(unsigned long magic)
{
    static const unsigned long network[] = {
        0x6969,     /* NFS */
        0x517b,     /* SMB */
        0xff534d42, /* CIFS */
        0xfe534d42, /* SMB 2 */
        0x01021997, /* 9P */
        0x65735546, /* FUSE: sshfs and the like; a local one merely gets the slower journal */
        0x5346414f, /* AFS */
        0x73757245, /* Coda */
        0x00c36400, /* Ceph */
        0x0bd00bd0, /* Lustre */
        0x47504653, /* GPFS */
        0x19830326, /* BeeGFS */
        0x01161970, /* GFS2 */
        0x7461636f, /* OCFS2 */
    };
    size_t i;

    for (i = 0; i < sizeof network / sizeof *network; i++)
        if ((magic & 0xffffffff) == network[i])
            return true;
    return false;
}

static bool on_network(const char *path)
{
    struct statfs fs;

    return !statfs(path, &fs) && store_network_magic((unsigned long)fs.f_type);
}

static int uses_log(struct store *s, bool *log, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "PRAGMA journal_mode", e);

    if (!q || sql_step(s, q, e, "choosing the journal") != SQL_ROW)
        return -1;
    *log = !strcmp(sql_text(q, 0), "wal");
    sqlite3_reset(q);
    return 0;
}

static int set_journal(struct store *s, bool fresh, struct err *e)
{
    bool log = false;

    if (on_network(s->real)) {
        if (fresh)
            log_note("%s is on a network file system: a rollback journal is used instead of a write-ahead log",
                     s->path);
        return sql_exec(s, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL", e, "choosing the journal");
    }
    if (sql_exec(s, "PRAGMA journal_mode = WAL", e, "choosing the journal") || uses_log(s, &log, e))
        return -1;
    /* with a write-ahead log NORMAL survives every kill; a power failure may cost the last launches, never the file. Where
     * SQLite could not make the log, it kept the rollback journal, which needs FULL. */
    return sql_exec(s, log ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL", e, "choosing the journal");
}

/* The path as a URI that promises SQLite that nobody writes: for folders that cannot be written, where the log has no place. */
static char *immutable_uri(const char *path)
{
    struct buf b = {0};

    buf_add(&b, "file:");
    for (; *path; path++) {
        if (isalnum((unsigned char)*path) || strchr("/._-", *path))
            buf_add_n(&b, path, 1);
        else
            buf_addf(&b, "%%%02X", (unsigned char)*path);
    }
    buf_add(&b, "?immutable=1");
    return buf_take(&b);
}

static bool log_is_empty(const char *real)
{
    char *log = mem_format("%s-wal", real);
    struct stat st;
    bool empty = stat(log, &st) || st.st_size == 0;

    free(log);
    return empty;
}

static void disconnect(struct store *s)
{
    size_t i;

    for (i = 0; i < STORE_STATEMENTS; i++)
        sqlite3_finalize(s->statements[i].statement);
    memset(s->statements, 0, sizeof s->statements);
    sqlite3_close(s->db);
    s->db = NULL;
}

static int connect_as(struct store *s, const char *name, int flags, struct err *e)
{
    int code = sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);

    if (code)
        return s->db ? sql_fail(s, e, "opening")
                     : err_set(e, CM_INTERNAL, "%s: SQLite has no memory to open it", s->path);
    sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
    if (sql_functions(s, e))
        return -1;
    return sql_exec(s, "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF", e, "opening");
}

/* Opens for reading and recognises the file; in a folder that cannot be written it falls back to the file alone. Where it may
 * write, SQLite is let to, so that it clears its log away at the end: query_only keeps the content as it is. */
static int connect_reading(struct store *s, bool *empty, int64_t *version, struct err *e)
{
    struct err first = {0};
    char *uri;
    int result, why;

    if (!connect_as(s, s->real, SQLITE_OPEN_READWRITE, &first) &&
        !sql_exec(s, "PRAGMA query_only = ON", &first, "opening") &&
        !store_recognise(s, newest_version(), empty, version, &first))
        return 0;
    why = sqlite3_errcode(s->db) & 0xff;
    if ((why != SQLITE_CANTOPEN && why != SQLITE_READONLY) || !log_is_empty(s->real))
        return err_set(e, (enum exit_code)first.code, "%s", first.text);
    disconnect(s);
    uri = immutable_uri(s->real);
    result = connect_as(s, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, e);
    free(uri);
    return result || store_recognise(s, newest_version(), empty, version, e) ? -1 : 0;
}

static int connect_writing(struct store *s, int wait_ms, struct err *e)
{
    bool exists = file_exists(s->real), empty;
    int64_t version;

    if (lock_take(s->real, s->path, wait_ms, &s->lock, e))
        return -1;
    /* without CREATE where the file must exist: it may have gone since we looked */
    if (connect_as(s, s->real, SQLITE_OPEN_READWRITE | (s->mode == STORE_WRITE ? SQLITE_OPEN_CREATE : 0), e) ||
        store_recognise(s, newest_version(), &empty, &version, e))
        return -1;
    if (empty && s->mode == STORE_UPDATE)
        return err_set(e, CM_USAGE, "%s is empty: `countermark run` fills it, or name another with --db", s->path);
    if (set_journal(s, !exists || empty, e) || store_migrate(s, asset_schema, e))
        return -1;
    return run_settle_left(s, e);
}

static int open_mode(struct store **out, const char *path, enum store_mode mode, int wait_ms, struct err *e);

/* Older files are brought up to date, and runs that a kill left `running` get their status and summaries, by whoever comes first. */
static int tidy(const char *path, int wait_ms, struct err *e)
{
    struct store *writer;

    if (open_mode(&writer, path, STORE_UPDATE, wait_ms, e))
        return -1;
    store_close(writer);
    return 0;
}

static int open_reading(struct store *s, struct err *e)
{
    bool empty = false;
    int64_t version = 0, left;

    if (connect_reading(s, &empty, &version, e))
        return -1;
    if (empty)
        return err_set(e, CM_USAGE, "%s is empty: `countermark run` fills it, or name another with --db", s->path);
    if (version < newest_version()) {
        disconnect(s);
        return tidy(s->path, update_wait_ms, e) || connect_reading(s, &empty, &version, e) ? -1 : 0;
    }
    if (sql_integer(s, "SELECT count(*) FROM run WHERE status = 'running'", &left, e))
        return -1;
    if (left && !lock_is_held(s->real)) {
        struct err ignored = {0};

        tidy(s->path, tidy_wait_ms, &ignored); /* where it cannot be written, it is read as it is */
    }
    return 0;
}

static int open_mode(struct store **out, const char *path, enum store_mode mode, int wait_ms, struct err *e)
{
    struct store *s;
    int result;

    *out = NULL;
    if (look(path, mode, e))
        return -1;
    s = mem_new(1, sizeof *s);
    s->lock = -1;
    s->mode = mode;
    s->path = mem_copy(path);
    s->real = resolve(path, e);
    result = !s->real ? -1 : mode == STORE_READ ? open_reading(s, e) : connect_writing(s, wait_ms, e);
    if (result) {
        store_close(s);
        return -1;
    }
    *out = s;
    return 0;
}

int store_open(struct store **s, const char *path, enum store_mode mode, struct err *e)
{
    return open_mode(s, path, mode, mode == STORE_UPDATE ? update_wait_ms : write_wait_ms, e);
}

void store_close(struct store *s)
{
    if (!s)
        return;
    disconnect(s);
    store_tables_forget(s);
    if (s->real)
        lock_release(s->real, s->lock); /* after the file is closed: the next writer finds the log folded in */
    cache_clear(&s->metrics);
    cache_clear(&s->qualities);
    free(s->path);
    free(s->real);
    free(s);
}

const char *store_path(const struct store *s)
{
    return s->path;
}
