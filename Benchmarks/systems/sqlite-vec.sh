# The extension sqlite-vec 0.1.9, as PyPI has it: one shared library, and nothing that runs. Sourced by scripts/systems.

version=sqlite-vec-0.1.9

install() {
  environment 'sqlite-vec==0.1.9'
  # Where ragmeter looks by itself.
  ln -sfn "$("$home/env/bin/python" -c 'import sqlite_vec; print(sqlite_vec.loadable_path())').so" "$home/vec0.so"
}

ready() { [ -r "$home/vec0.so" ]; }

variables() { echo "RAGMETER_SQLITE_VEC=$home/vec0.so"; }
