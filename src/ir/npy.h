// NumPy's .npy and .npz files (format 1.0 to 3.0, C order, little-endian). Hostile bytes give
// Error{invalid_input} with file and offset. Tested by npy_test.cc.
#pragma once

#include <map>
#include <string>

#include "ir/types.h"

namespace mote {

// A tensor outside any graph: what `mote run` reads and writes, and what data sets consist of.
struct Array {
  DType dtype = DType::float32;
  Shape shape;
  Bytes data;

  bool operator==(const Array&) const = default;
};

Array parse_npy(std::span<const uint8_t> bytes, const std::string& where);
Bytes print_npy(const Array& array);
Array read_npy(const std::string& path);
void write_npy(const std::string& path, const Array& array);

std::map<std::string, Array> read_npz(const std::string& path);
void write_npz(const std::string& path, const std::map<std::string, Array>& arrays);

}  // namespace mote
