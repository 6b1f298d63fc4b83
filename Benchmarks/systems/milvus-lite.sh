# Milvus Lite 2.5.1 for Benchmarks/adapters/milvus_lite.py: a Python environment, and nothing that runs. Sourced by
# scripts/systems.

version=milvus-lite-2.5.1

install() { environment 'milvus-lite==2.5.1' 'pymilvus==2.5.12' 'setuptools<81'; }

ready() { [ -x "$home/env/bin/python" ]; }

variables() { echo "RAGMETER_MILVUS_LITE=$home/env/bin/python"; }
