import Postgres
import TestSupport
import Testing
