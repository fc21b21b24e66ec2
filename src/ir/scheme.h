// Scheme: what compression makes of a network's numbers, a row of ir/schemes.inc. Tested by
// scheme_test.cc.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "ir/types.h"

namespace mote {

enum class Scheme : uint8_t {
#define MOTE_SCHEME(name, ...) name,
#include "ir/schemes.inc"
#undef MOTE_SCHEME
};

struct SchemeInfo {
  Scheme scheme;
  std::string_view name;
  DType activations;  // float32: they stay as they are, and need no calibration
  DType weights;
  int32_t least_weight_bits;  // 0 where the weights are floats
  DType bias;
  int64_t least_elements;  // a tensor of weights with fewer elements stays float32
  std::string_view description;

  bool integer_activations() const { return activations != DType::float32; }
  bool integer_weights() const { return least_weight_bits > 0; }
  // The bits that integer weights may use are least_weight_bits to this.
  int32_t most_weight_bits() const { return static_cast<int32_t>(8 * size_of(weights)); }
};

// All rows, in the order of the table; the row of one.
std::span<const SchemeInfo> schemes();
const SchemeInfo& info_of(Scheme scheme);

// "int16x8", and back; `parse_scheme` gives nothing for an unknown name.
std::string_view name_of(Scheme scheme);
std::optional<Scheme> parse_scheme(std::string_view name);

}  // namespace mote
