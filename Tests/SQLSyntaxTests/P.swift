import SQLSyntax
import TestSupport
import Testing
