# Milvus 2.3.5, standalone, as PyPI has it: etcd, storage and server in one process. Sourced by scripts/systems.
#
# Started with RAGMETER_SYSTEMS_MILVUS_AUTH=1 it asks every client for the token root:Milvus.

version=milvus-2.3.5

install() {
  # Its installer asks for pkg_resources; pymilvus is what compares our client with theirs.
  environment 'milvus==2.3.5' 'pymilvus==2.3.7' 'setuptools<81' 'marshmallow<4'
}

start() {
  # Its etcd knows no other ports than these, but its installer, finding one taken, tells the rest of it another; and a port that
  # has just been used counts as taken for a minute.
  for fixed in 2379 2380; do
    until [ "$(port etcd "$fixed")" = "$fixed" ]; do
      ! (: <"/dev/tcp/127.0.0.1/$fixed") 2>/dev/null ||
        fail "port $fixed is taken, by another Milvus or etcd perhaps; stop that first"
      sleep 1
    done
  done
  # Where one of these is taken it goes on to the next free one, as `port` does, and tells nobody.
  port admin 9091 >/dev/null
  exec "$home/env/bin/milvus-server" --data "$home/data" --proxy-port "$(port rest 19530)" \
    ${RAGMETER_SYSTEMS_MILVUS_AUTH:+--authorization-enabled true}
}

ready() { port admin >/dev/null && answers "http://127.0.0.1:$(port admin)/healthz"; }

variables() {
  echo "RAGMETER_MILVUS_URL=http://127.0.0.1:$(port rest)"
  echo "RAGMETER_MILVUS_ADMIN=http://127.0.0.1:$(port admin)"
}
