import Foundation

exit(dispatch(CommandLine.arguments.dropFirst()).rawValue)
