import Testing
import Tokenizers
