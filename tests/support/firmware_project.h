// Emitted projects of small networks, as compilers and linkers of this machine see them.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "base/process.h"
#include "base/zip.h"
#include "deploy/emit/emit.h"
#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"
#include "tests/support/small_graphs.h"

namespace mote::testing {

inline bool installed(const std::string& program) {
  try {
    return run_process({program, "--version"}).exit_code == 0;
  } catch (const Error&) {
    return false;
  }
}

// Of each pair the first that is there.
inline std::vector<std::string> installed_of(
    const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::vector<std::string> found;
  for (const auto& [name, other] : pairs) {
    if (installed(name)) {
      found.push_back(name);
    } else if (installed(other)) {
      found.push_back(other);
    }
  }
  return found;
}

inline std::vector<std::string> installed_compilers() {
  return installed_of({{"gcc", "gcc-12"}, {"clang", "clang-14"}});
}

// A network with a self-test of what the interpreter gives.
inline deploy::FirmwareFiles firmware_project(const std::string& name, const Graph& graph,
                                              uint64_t seed, uint32_t crc_error = 0) {
  const Program program = deploy::lower(graph, deploy::load_device("mps2-an386"));
  deploy::EmitOptions options{
      name, {}, {"a", "b"}, deploy::SelfTest{random_inputs(program, seed), 0}};
  Bytes outputs;
  for (const Bytes& output : interpret::run(program, options.self_test->inputs))
    outputs.insert(outputs.end(), output.begin(), output.end());
  options.self_test->output_crc = crc32_of(outputs) ^ crc_error;
  return deploy::emit(program, options);
}

inline deploy::FirmwareFiles firmware_project(const std::string& name, DType dtype, uint64_t seed,
                                              uint32_t crc_error = 0) {
  return firmware_project(name, small_graph(dtype, seed), seed, crc_error);
}

// A program, in C11 and in C++11: its exit code is the sum of what the self-tests give. `headers`
// are theirs, as it includes them.
inline std::string self_test_main(const std::vector<std::string>& names,
                                  const std::vector<std::string>& headers) {
  std::string includes, calls;
  for (const std::string& header : headers) includes += "#include \"" + header + "\"\n";
  for (const std::string& name : names) calls += " + " + name + "_selftest(arena)";
  return "#include <stdint.h>\n" + includes +
         "#ifdef __cplusplus\n"
         "alignas(16)\n"
         "#else\n"
         "_Alignas(16)\n"
         "#endif\n"
         "static uint8_t arena[65536];\n"
         "int main(void) { return 0" +
         calls + "; }\n";
}

inline std::vector<std::string> c_files(const deploy::FirmwareFiles& files,
                                        const std::string& folder = {}) {
  std::vector<std::string> sources;
  for (const auto& [path, text] : files)
    if (path.ends_with(".c")) sources.push_back(folder + path);
  return sources;
}

}  // namespace mote::testing
