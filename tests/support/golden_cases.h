// The tensors of single cases of $MOTE_GOLDEN_DIR, in order of the program's ports: ops/ has their
// bytes, int16x8/ integers separated by commas. README.md there describes both.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "ir/graph.h"
#include "ir/program.h"

namespace mote::testing {

inline Bytes read_integers(const std::string& path, DType dtype) {
  std::ifstream file(path);
  std::vector<int32_t> wide;
  for (int32_t integer; file >> integer; file.ignore()) wide.push_back(integer);
  if (dtype == DType::int32) return to_bytes(std::span<const int32_t>(wide));
  const std::vector<int16_t> narrow(wide.begin(), wide.end());
  return to_bytes(std::span<const int16_t>(narrow));
}

// `path` is the model's without ".tflite".
inline bool has_raw_tensors(const std::string& path) {
  return std::filesystem::exists(path + ".out0.bin");
}

inline std::vector<Bytes> golden_inputs(const std::string& path, const Program& program) {
  std::vector<Bytes> inputs;
  for (size_t i = 0; i < program.inputs.size(); i++) {
    const DType dtype = program.inputs[i].type.dtype;
    const std::string number = std::to_string(i);
    inputs.push_back(has_raw_tensors(path) ? read_file(path + ".in" + number + ".bin")
                                           : read_integers(path + "_input" + number + "_" +
                                                               std::string(name_of(dtype)) + ".csv",
                                                           dtype));
  }
  return inputs;
}

inline std::vector<Bytes> golden_outputs(const std::string& path, const Program& program) {
  if (!has_raw_tensors(path)) return {read_integers(path + "_golden_int16.csv", DType::int16)};
  std::vector<Bytes> outputs;
  for (size_t i = 0; i < program.outputs.size(); i++)
    outputs.push_back(read_file(path + ".out" + std::to_string(i) + ".bin"));
  return outputs;
}

}  // namespace mote::testing
