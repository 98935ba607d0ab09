import SystemPackage

/// The settings that a local server is started with.
struct ServerSettings: Sendable {
    /// Whether committed data survives a crash of the machine.
    let isDurable: Bool
    /// The caller's settings, which win over ours.
    let custom: [String: String]

    /// The arguments of `postgres` for a data directory and the folder of its socket.
    func arguments(dataFolder: FilePath, socketFolder: FilePath, major: Int) throws(LocalServerError) -> [String] {
        for name in custom.keys where reserved.contains(name.lowercased()) || !isName(name) {
            throw .settingReserved(name)
        }
        var settings = ["shared_buffers": "32MB"]
        if !isDurable {
            settings["fsync"] = "off"
            settings["synchronous_commit"] = "off"
            settings["full_page_writes"] = "off"
            // A server that lives for seconds has no use for it, and what it does would come between measurements.
            settings["autovacuum"] = "off"
        }
        if custom["wal_level"] == nil {
            settings["wal_level"] = "minimal"
            settings["max_wal_senders"] = "0"
        }
        // Three processes less to start.
        if major >= 18 { settings["io_method"] = "sync" }
        settings.merge(custom) { _, chosen in chosen }
        settings["listen_addresses"] = ""
        settings["port"] = "\(LocalServer.port)"
        settings["unix_socket_directories"] = socketFolder.string
        settings["unix_socket_permissions"] = "0700"
        let sorted = settings.sorted { $0.key < $1.key }
        return ["-D", dataFolder.string] + sorted.flatMap { ["-c", "\($0.key)=\($0.value)"] }
    }
}

private let reserved: Set = [
    "config_file", "data_directory", "external_pid_file", "hba_file", "ident_file", "listen_addresses", "port",
    "unix_socket_directories", "unix_socket_group", "unix_socket_permissions",
]

/// Whether a text has the form of a setting's name: `postgres -c` would take anything before the `=` for one.
private func isName(_ text: String) -> Bool {
    !text.isEmpty
        && text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
}
