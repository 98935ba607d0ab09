extension AttributeName {
    /// A default, as an expression.
    public static let `default` = AttributeName(rawValue: "default")
    /// Whether null is refused.
    public static let notNull = AttributeName(rawValue: "not_null")
    /// The name of the constraint that refuses null, where it is not the one that the server would choose.
    public static let notNullName = AttributeName(rawValue: "not_null_name")
    /// A collation other than that of the type.
    public static let collation = AttributeName(rawValue: "collation")
    /// Options of a foreign-data object, each as `name 'value'`.
    public static let options = AttributeName(rawValue: "options")
}
