/// The system catalogs of PostgreSQL 15 to 18: what a newer server has beyond them is not modelled.
enum KnownSystemCatalogs {
    /// How many catalogs and columns of theirs PostgreSQL has, major version by major version, as far as it was counted.
    static let counts: [Int: (catalogs: Int, columns: Int)] = [
        15: (64, 588), 16: (64, 596), 18: (64, 601),
    ]

    /// The catalogs that objects are read from.
    static let read = """
        pg_aggregate pg_am pg_attrdef pg_attribute pg_cast pg_class pg_collation pg_constraint pg_conversion
        pg_default_acl pg_enum pg_event_trigger pg_extension pg_foreign_data_wrapper pg_foreign_server
        pg_foreign_table pg_index pg_inherits pg_language pg_namespace pg_opclass pg_operator pg_opfamily
        pg_partitioned_table pg_policy pg_proc pg_publication pg_publication_namespace pg_publication_rel pg_range
        pg_rewrite pg_sequence pg_statistic_ext pg_transform pg_trigger pg_ts_config pg_ts_dict pg_ts_parser
        pg_ts_template pg_type
        """

    /// The catalogs that hold parts of what is read, or nothing of a schema.
    static let others = """
        pg_amop pg_amproc pg_auth_members pg_authid pg_database pg_db_role_setting pg_depend pg_description
        pg_init_privs pg_largeobject pg_largeobject_metadata pg_parameter_acl pg_replication_origin pg_seclabel
        pg_shdepend pg_shdescription pg_shseclabel pg_statistic pg_statistic_ext_data pg_subscription
        pg_subscription_rel pg_tablespace pg_ts_config_map pg_user_mapping
        """

    /// The columns of those that objects are read from.
    static let columns = """
        adbin adnum adrelid aggcombinefn aggdeserialfn aggfinalextra aggfinalfn aggfinalmodify aggfnoid agginitval
        aggkind aggmfinalextra aggmfinalfn aggmfinalmodify aggminitval aggminvtransfn aggmtransfn aggmtransspace
        aggmtranstype aggnumdirectargs aggserialfn aggsortop aggtransfn aggtransspace aggtranstype amhandler amname
        amtype attacl attalign attbyval attcacheoff attcollation attcompression attfdwoptions attgenerated atthasdef
        atthasmissing attidentity attinhcount attisdropped attislocal attlen attmissingval attname attndims attnotnull
        attnum attoptions attrelid attstattarget attstorage atttypid atttypmod castcontext castfunc castmethod
        castsource casttarget cfgname cfgnamespace cfgowner cfgparser collcollate collctype collencoding colliculocale
        collicurules collisdeterministic colllocale collname collnamespace collowner collprovider collversion conbin
        condefault condeferrable condeferred conenforced conexclop confdelsetcols confdeltype conffeqop confkey
        confmatchtype conforencoding confrelid confupdtype conindid coninhcount conislocal conkey conname connamespace
        connoinherit conowner conparentid conperiod conpfeqop conppeqop conproc conrelid contoencoding contype
        contypid convalidated defaclacl defaclnamespace defaclobjtype defaclrole dictinitoption dictname dictnamespace
        dictowner dicttemplate enumlabel enumsortorder enumtypid ev_action ev_class ev_enabled ev_qual ev_type
        evtenabled evtevent evtfoid evtname evtowner evttags extcondition extconfig extname extnamespace extowner
        extrelocatable extversion fdwacl fdwhandler fdwname fdwoptions fdwowner fdwvalidator ftoptions ftrelid
        ftserver indcheckxmin indclass indcollation indexprs indexrelid indimmediate indisclustered indisexclusion
        indislive indisprimary indisready indisreplident indisunique indisvalid indkey indnatts indnkeyatts
        indnullsnotdistinct indoption indpred indrelid inhdetachpending inhparent inhrelid inhseqno is_instead lanacl
        laninline lanispl lanname lanowner lanplcallfoid lanpltrusted lanvalidator nspacl nspname nspowner oid
        opcdefault opcfamily opcintype opckeytype opcmethod opcname opcnamespace opcowner opfmethod opfname
        opfnamespace opfowner oprcanhash oprcanmerge oprcode oprcom oprjoin oprkind oprleft oprname oprnamespace
        oprnegate oprowner oprrest oprresult oprright partattrs partclass partcollation partdefid partexprs partnatts
        partrelid partstrat pnnspid pnpubid polcmd polname polpermissive polqual polrelid polroles polwithcheck
        prattrs proacl proallargtypes proargdefaults proargmodes proargnames proargtypes probin proconfig procost
        proisstrict prokind prolang proleakproof proname pronamespace pronargdefaults pronargs proowner proparallel
        proretset prorettype prorows prosecdef prosqlbody prosrc prosupport protrftypes provariadic provolatile
        prpubid prqual prrelid prsend prsheadline prslextype prsname prsnamespace prsstart prstoken puballtables
        pubdelete pubgencols pubinsert pubname pubowner pubtruncate pubupdate pubviaroot relacl relallfrozen
        relallvisible relam relchecks relfilenode relforcerowsecurity relfrozenxid relhasindex relhasrules
        relhassubclass relhastriggers relispartition relispopulated relisshared relkind relminmxid relname
        relnamespace relnatts reloftype reloptions relowner relpages relpartbound relpersistence relreplident
        relrewrite relrowsecurity reltablespace reltoastrelid reltuples reltype rngcanonical rngcollation
        rngmultitypid rngsubdiff rngsubopc rngsubtype rngtypid rulename seqcache seqcycle seqincrement seqmax seqmin
        seqrelid seqstart seqtypid srvacl srvfdw srvname srvoptions srvowner srvtype srvversion stxexprs stxkeys
        stxkind stxname stxnamespace stxowner stxrelid stxstattarget tgargs tgattr tgconstraint tgconstrindid
        tgconstrrelid tgdeferrable tgenabled tgfoid tginitdeferred tgisinternal tgname tgnargs tgnewtable tgoldtable
        tgparentid tgqual tgrelid tgtype tmplinit tmpllexize tmplname tmplnamespace trffromsql trflang trftosql
        trftype typacl typalign typanalyze typarray typbasetype typbyval typcategory typcollation typdefault
        typdefaultbin typdelim typelem typinput typisdefined typispreferred typlen typmodin typmodout typname
        typnamespace typndims typnotnull typoutput typowner typreceive typrelid typsend typstorage typsubscript
        typtype typtypmod
        """
}
