# Sourced by the scripts beside it: what every command needs before it can build.

say() { printf '\n==> %s\n' "$*" >&2; }

fail() {
  printf '\n%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Swift 6.3 or newer must be on PATH: it comes from swift.org, not from Debian.
require_swift() {
  command -v swift >/dev/null 2>&1 ||
    fail "no 'swift' on PATH; install Swift 6.3 or newer for your system from https://www.swift.org/install/linux/ and try again"
  local version major minor
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  if [ "${major:-0}" -lt 6 ] || { [ "$major" -eq 6 ] && [ "${minor:-0}" -lt 3 ]; }; then
    fail "Swift ${version:-of an unknown version} is too old; 6.3 or newer is needed: https://www.swift.org/install/linux/"
  fi
}

# require_packages KIND...: installs the Debian packages of these kinds (packages.txt) that are not there yet.
require_packages() {
  command -v dpkg-query >/dev/null 2>&1 || {
    say "not a Debian system: install the counterparts of scripts/packages.txt by hand if the build misses them"
    return 0
  }
  local missing=() package kind
  while read -r package kind; do
    case " $* " in *" $kind "*) ;; *) continue ;; esac
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done < <(grep -v '^#' "scripts/packages.txt")
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 ||
      fail "these Debian packages are missing and this user may not install them: ${missing[*]}; run as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing Debian packages: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq >&2 || fail "'apt-get update' failed; is this machine connected?"
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 ||
    fail "apt-get could not install: ${missing[*]}"
}
