import RunStore
import Testing
