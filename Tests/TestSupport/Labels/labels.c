/* Two providers of security labels that take any label, loaded into a server under test: none comes with PostgreSQL.
 *
 * What is said here of the server's own interface holds for the major version that MAJOR names, 15 to 17: a server looks
 * at the block first, and refuses a library whose block is another one.
 */
struct block {
    int size, version, function_arguments, index_keys, name_size, has_floats_by_value;
    char vendor[32];
};

const struct block *Pg_magic_func(void);
const struct block *Pg_magic_func(void) {
    static const struct block block = {sizeof block, MAJOR * 100, 100, 32, 64, 1, "PostgreSQL"};
    return &block;
}

extern void register_label_provider(const char *name, void (*check)(const void *object, const char *label));

static void accept(const void *object, const char *label) {
    (void)object;
    (void)label;
}

void _PG_init(void);
void _PG_init(void) {
    register_label_provider("lastro_one", accept);
    register_label_provider("lastro \"two\"", accept);
}
