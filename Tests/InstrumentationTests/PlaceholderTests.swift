import Instrumentation
import Testing
