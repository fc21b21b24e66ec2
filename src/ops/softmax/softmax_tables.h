// The tables of softmax_s16, bit for bit TFLite's: docs/arithmetic.md, section "Softmax". Tested by
// softmax_test.cc and the golden operators.
#pragma once

#include <cstdint>
#include <vector>

namespace mote {

std::vector<int16_t> softmax_exponential_table();  // exp over [-10, 0]
std::vector<int16_t> softmax_reciprocal_table();   // 1 / (1 + x) over [0, 1]

}  // namespace mote
