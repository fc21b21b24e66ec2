// Numbers as files of other programs keep them (NumPy's, IDX), made an Array. Tested by npy_test.cc
// and datasets/idx_test.cc.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "ir/npy.h"

namespace mote {

struct ElementFormat {
  char kind = 'f';  // as NumPy writes it: 'b' boolean, 'i' integer, 'u' unsigned, 'f' real
  int32_t size_bytes = 4;
  bool big_endian = false;
  bool column_major = false;  // Fortran's order: the first index varies fastest

  bool operator==(const ElementFormat&) const = default;
};

// Whether array_of knows it: 'b' of 1 byte, 'i' and 'u' of 1 to 8, 'f' of 2 to 8.
bool is_known(const ElementFormat& format);
std::string name_of(const ElementFormat& format);  // "uint16"
// How a dtype lies in memory.
ElementFormat format_of(DType dtype);

// The bytes of `shape` elements of `size_bytes`, or nothing where they are more than `available`:
// sizes from outside must neither overflow nor be believed.
std::optional<size_t> bytes_within(const Shape& shape, int32_t size_bytes, size_t available);

// Row-major and little-endian, as bytes_within(shape, ...) bytes of `data` say. Numbers that no
// dtype holds become the next: uint16 int32, uint32 and uint64 int64, float64 float32, rounded to
// nearest. Throws Error{invalid_input} naming `where` for one that is outside of that.
Array array_of(const ElementFormat& format, Shape shape, std::span<const uint8_t> data,
               const std::string& where);

}  // namespace mote
