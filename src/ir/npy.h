// NumPy's .npy and .npz files, of format 1.0 to 3.0. Hostile bytes give Error{invalid_input} with
// file and offset. Tested by npy_test.cc.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/zip.h"
#include "ir/types.h"

namespace mote {

// A tensor outside any graph: what `mote run` reads and writes, and what data sets consist of.
struct Array {
  DType dtype = DType::float32;
  Shape shape;
  Bytes data;

  bool operator==(const Array&) const = default;
};

// Numbers and booleans in either order of bytes and of indices, as array_of of elements.h makes
// them ours; printed row-major and little-endian. Throws Error{unsupported} that says what to save
// instead for Python objects, text, complex numbers and structures.
Array parse_npy(std::span<const uint8_t> bytes, const std::string& where);
bool is_npy(std::span<const uint8_t> bytes);  // by the first of them
Bytes print_npy(const Array& array);
Array read_npy(const std::string& path);
void write_npy(const std::string& path, const Array& array);

// An .npz file, each array of which is read when it is asked for: the others may be anything.
class NpzFile {
 public:
  explicit NpzFile(const std::string& path);
  const std::vector<std::string>& names() const { return names_; }
  Array read(const std::string& name) const;

 private:
  ZipFile zip_;
  std::vector<std::string> names_;
};
std::map<std::string, Array> read_npz(const std::string& path);
void write_npz(const std::string& path, const std::map<std::string, Array>& arrays);

}  // namespace mote
