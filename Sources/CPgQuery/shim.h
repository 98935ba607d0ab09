#include <pg_query.h>
#include <pg_query/pg_query.pb-c.h>

/* Swift copies a constant where it takes its address; these return the addresses that descriptors are known by. */

static inline const ProtobufCMessageDescriptor *lastro_node_descriptor(void) { return &pg_query__node__descriptor; }

static inline const ProtobufCEnumDescriptor *lastro_object_type_descriptor(void) {
    return &pg_query__object_type__descriptor;
}

static inline const ProtobufCEnumDescriptor *lastro_alter_table_type_descriptor(void) {
    return &pg_query__alter_table_type__descriptor;
}
