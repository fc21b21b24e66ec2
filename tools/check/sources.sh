# Sourced by the checks: what of src/ they look at, below the current directory.

# The files of the product: tests may do what they may not.
sources() {
  find src -type f \( -name '*.h' -o -name '*.cc' -o -name '*.c' -o -name '*.inc' \) \
    ! -name '*_test.cc' | sort
}

# Standard input names files; their lines as "FILE:LINE: CODE", comments and strings left out.
code() {
  xargs -r awk '{
    gsub(/"([^"\\]|\\.)*"/, "\"\"")
    gsub(/\/\*([^*]|\*[^\/])*\*\//, "")
    sub(/\/\/.*/, "")
    sub(/^ *\/?\*( .*)?$/, "")
    sub(/\/\*.*/, "")
    print FILENAME ":" FNR ": " $0
  }'
}
