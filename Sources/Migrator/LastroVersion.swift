/// The version of this release, as `lastro --version` prints it and the history records it.
public let lastroVersion = "0.1.0"
