import SQLSyntax

extension PartitionBound: Packable {
    func pack(into packer: inout Packer) {
        switch self {
        case .rest:
            packer.pack(0)
        case .list(let values):
            packer.pack(1)
            packer.pack(limits: values)
        case .range(let from, let to):
            packer.pack(2)
            packer.pack(limits: from)
            packer.pack(limits: to)
        case .hash(let modulus, let remainder):
            packer.pack(3)
            packer.pack(modulus)
            packer.pack(remainder)
        }
    }

    init(from unpacker: inout Unpacker) {
        switch unpacker.number() {
        case 1: self = .list(unpacker.limits())
        case 2:
            let from = unpacker.limits()
            self = .range(from: from, to: unpacker.limits())
        case 3:
            let modulus = unpacker.number()
            self = .hash(modulus: modulus, remainder: unpacker.number())
        default: self = .rest
        }
    }
}

extension Packer {
    fileprivate mutating func pack(limits: [String?]) {
        pack(limits) { $0.pack($1) }
    }
}

extension Unpacker {
    fileprivate mutating func limits() -> [String?] {
        list { $0.optionalText() }
    }
}
