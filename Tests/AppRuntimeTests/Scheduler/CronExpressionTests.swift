import AppRuntime
import Testing

@Suite("A cron expression")
struct CronExpressionTests {
    @Test(
        "is understood in every way that it may be written",
        arguments: [
            ("*/15 8-18/2 1,15 jan-mar MON-Fri", "*/15 8-18/2 1,15 jan-mar MON-Fri"),
            ("  5\t4  * * sun ", "5 4 * * sun"), ("@Hourly", "@Hourly"), ("0 0 1 1 7", "0 0 1 1 7"),
            ("59 23 31 12 0-7", "59 23 31 12 0-7"), ("0-59/59 0 * * *", "0-59/59 0 * * *"),
        ]
    )
    func isUnderstood(text: String, description: String) throws {
        #expect(try CronExpression(text).description == description)
    }

    @Test(
        "is refused with what is wrong and in which field",
        arguments: [
            ("61 * * * *", "cron expression \"61 * * * *\", minute (field 1): \"61\" is no value"),
            ("* 24 * * *", "hour (field 2): \"24\" is no value"),
            ("* * 0 * *", "day of the month (field 3): \"0\" is no value"),
            ("* * * febr *", "month (field 4): \"febr\" is no value"),
            ("* * * * 8", "day of the week (field 5): \"8\" is no value"),
            ("*/0 * * * *", "minute (field 1): \"0\" is no step"),
            ("*/61 * * * *", "minute (field 1): \"61\" is no step"),
            ("5/10 * * * *", "minute (field 1): the step /10 stands behind the single value 5"),
            ("1,,2 * * * *", "minute (field 1): a value is missing"),
            ("* 22-2 * * *", "hour (field 2): the range 22-2 ends before it begins"),
            ("+5 * * * *", "minute (field 1): \"+5\" is no value"),
            ("* * * *", "it has 4 fields instead of five"), ("", "it has 0 fields instead of five"),
            ("* * * * * *", "it has 6 fields instead of five"), ("@reboot", "there is no such macro"),
            ("* * L * *", "day of the month (field 3): \"L\" is no value"),
            ("99999999999999999999 * * * *", "is no value"), ("*/ * * * *", "\"\" is no step"),
            ("1- * * * *", "missing"),
        ]
    )
    func isRefused(text: String, words: String) {
        let error = #expect(throws: AppRuntimeError.self) { try CronExpression(text) }
        #expect(error?.code == .invalidCron)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test("says where a range over midnight is divided")
    func saysHowToDivide() {
        let error = #expect(throws: AppRuntimeError.self) { try CronExpression("* 22-2 * * *") }
        #expect(error?.next.hasSuffix("22-23,0-2") == true, "\(error?.next ?? "")")
    }

    @Test(
        "has no schedule in what is no time zone",
        arguments: ["Europe/Nowhere", "", "PST", "GMT+3", "Lisbon", "../UTC", "Europe/Lisbon\u{0}"]
    )
    func refusesZones(name: String) {
        let error = #expect(throws: AppRuntimeError.self) { try CronSchedule("@daily", timeZone: name) }
        #expect(error?.code == .unknownTimeZone)
    }
}
