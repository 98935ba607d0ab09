/// A day of the Gregorian calendar, counted from 1 January 1970.
struct CivilDay: Hashable, Comparable {
    static let seconds = 86_400

    let number: Int
    let month: Int
    let day: Int

    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": eras of 146,097 days from 1 March 0.
    init(number: Int) {
        self.number = number
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let shiftedMonth = (5 * ofYear + 2) / 153
        day = ofYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    }

    /// The day in which a reading of the clock lies, given in seconds.
    init(reading: Int) {
        self.init(number: reading.flooredDivision(by: Self.seconds))
    }

    /// Sunday is 0.
    var weekday: Int { (number + 4).flooredRemainder(by: 7) }

    var next: CivilDay { CivilDay(number: number + 1) }

    /// What the clock reads when it begins, in seconds.
    var start: Int { number * Self.seconds }

    static func < (one: CivilDay, other: CivilDay) -> Bool { one.number < other.number }
}

extension Int {
    func flooredDivision(by divisor: Int) -> Int {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }

    func flooredRemainder(by divisor: Int) -> Int { self - flooredDivision(by: divisor) * divisor }
}

extension UInt64 {
    /// The first set bit, from a place on; nil if there is none.
    func firstBit(from place: Int) -> Int? {
        guard place < 64 else { return nil }
        let rest = self >> UInt64(place)
        return rest == 0 ? nil : place + rest.trailingZeroBitCount
    }
}
