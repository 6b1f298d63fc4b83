# PostgreSQL 16.2 with pgvector 0.6.2, as PyPI's pgserver carries them. Sourced by scripts/systems.
#
# It listens on a port of the loopback interface, where it trusts everybody on this machine. PostgreSQL refuses to run as root:
# then it runs as the user that RAGMETER_SYSTEMS_USER names, or as nobody, and where that user cannot enter $home, from a copy
# in /var/tmp/ragmeter-pgvector, with its data.

version=pgserver-0.1.4

install() { environment 'pgserver==0.1.4'; }

programs() { echo "$home"/env/lib/python3*/site-packages/pgserver/pginstall; }

start() {
  local user=${RAGMETER_SYSTEMS_USER:-nobody} at=$home programs as=()
  programs=$(programs)
  if [ "$(id -u)" -eq 0 ]; then
    as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
    if ! "${as[@]}" test -x "$programs/bin/postgres"; then
      # The programs look for their libraries three folders above themselves.
      at=/var/tmp/ragmeter-pgvector
      mkdir -p "$at/pgserver"
      if [ ! -x "$at/pgserver/pginstall/bin/postgres" ]; then
        cp -r "$(dirname "$(dirname "$programs")")/pgserver.libs" "$at/"
        cp -r "$programs" "$at/pgserver/"
      fi
      programs=$at/pgserver/pginstall
    fi
    mkdir -p "$at/data"
    chown -R "$user" "$at/data"
    chmod 700 "$at/data"
    cd "$at"
  fi
  [ -f "$at/data/PG_VERSION" ] ||
    "${as[@]}" "$programs/bin/initdb" -D "$at/data" -U postgres --auth=trust --encoding=UTF8 --locale=C
  exec "${as[@]}" "$programs/bin/postgres" -D "$at/data" -p "$(port postgres 54320)" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=256MB -c maintenance_work_mem=512MB
}

ready() {
  port postgres >/dev/null && "$(programs)/bin/pg_isready" -q -h 127.0.0.1 -p "$(port postgres)" -U postgres
}

variables() { echo "RAGMETER_POSTGRES_URL=postgresql://postgres@127.0.0.1:$(port postgres)/postgres"; }
